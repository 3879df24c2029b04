package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.SuspendedBy;
import dev.firn.schemas.Code;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Who suspends a standing retrieval, and who may end that.
final class SuspensionTest {
    private final RegistryFixture registry = new RegistryFixture("firn.refresh.run-timeout", "1h");
    private int asked;
    private RetrievalRequest first;
    private @Nullable StandingRetrieval last;

    @BeforeEach
    void create() {
        registry.show(100, 100, CommitKind.UNKNOWN);
        registry.register("v1");
        registry.lookAll();
        registry.send(Standings.create("c1"));
        first = registry.runs().getFirst();
        registry.retrievalResults();
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void runsOnRequest() {
        succeed(first);
        RetrievalResult answer = ask(StandingAction.RUN);

        assertThat(answer.getStatus()).isEqualTo(RetrievalStatus.RUN_REQUESTED);
        assertThat(answer.getMessage()).isEqualTo("Standing retrieval 'daily' runs now");
        RetrievalRequest run = registry.runs().getFirst();
        assertThat(run.getRequestId()).startsWith("daily.r2.");
        succeed(run);
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void runsAfterTheOutstandingRun() {
        assertThat(ask(StandingAction.RUN).getMessage()).contains("after " + first.getRequestId());
        assertThat(registry.runs()).isEmpty();

        succeed(first);
        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void doesNotRunWhileAnOperatorSuspendsItAndMakesUpForWhatChanged() {
        succeed(first);
        assertThat(ask(StandingAction.SUSPEND).getStatus()).isEqualTo(RetrievalStatus.SUSPENDED);
        assertThat(record().getSuspendedBy()).isEqualTo(SuspendedBy.OPERATOR);
        registry.commit(101, 101, CommitKind.APPEND);
        registry.send(Views.request("v2").setTtlMicros(7L).build());
        registry.validateAll();
        assertThat(registry.runs()).isEmpty();
        assertThat(record().getStatus()).isEqualTo(StandingStatus.SUSPENDED);

        assertThat(ask(StandingAction.RESUME).getStatus()).isEqualTo(RetrievalStatus.RESUMED);
        assertThat(registry.runs()).hasSize(1);
        StandingRetrieval resumed = record();
        assertThat(resumed.getStatus()).isEqualTo(StandingStatus.ACTIVE);
        assertThat(resumed.getSuspendedBy()).isNull();
    }

    @Test
    void doesNotRunWhenItIsResumedAndNothingHasChanged() {
        succeed(first);
        ask(StandingAction.SUSPEND);
        ask(StandingAction.RESUME);

        assertThat(registry.runs()).isEmpty();
        assertThat(record().getStatus()).isEqualTo(StandingStatus.ACTIVE);
    }

    @Test
    void onlyAResumeLiftsAnOperatorsSuspension() {
        succeed(first);
        ask(StandingAction.SUSPEND);
        RetrievalResult refused = ask(StandingAction.RUN);
        assertThat(refused.getCode()).isEqualTo(Code.STANDING_SUSPENDED.name());
        registry.send(StandingRequest.newBuilder(Standings.create("c2"))
                .setRetrieval(Standings.retrieval().setFullFeatureNames(true).build())
                .build());
        assertThat(record().getVersion()).isEqualTo(2);
        registry.pass(Duration.ofHours(3));
        registry.catalog.showNothing();
        registry.hintAndLook();
        registry.commit(100, 100, CommitKind.UNKNOWN);

        assertThat(registry.runs()).isEmpty();
        assertThat(record().getSuspendedBy()).isEqualTo(SuspendedBy.OPERATOR);
        ask(StandingAction.RESUME);
        assertThat(registry.runs().getFirst().getFullFeatureNames()).isTrue();
    }

    @Test
    void recordsTheAnswerToTheRunThatWasOutstandingAndRetriesItOnlyAfterTheResume() {
        ask(StandingAction.SUSPEND);
        fail(first, Code.OUT_OF_BUDGET);
        StandingRetrieval record = record();
        assertThat(record.getLastStatus()).isEqualTo(RetrievalStatus.FAILED);
        assertThat(record.getRetryAt()).isNull();
        registry.pass(Duration.ofHours(1));
        assertThat(registry.runs()).isEmpty();

        ask(StandingAction.RESUME);
        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void aRunOrAResumeLiftsASuspensionByTheRequest() {
        RetrievalRequest run = first;
        for (StandingAction action : new StandingAction[] {StandingAction.RUN, StandingAction.RESUME}) {
            fail(run, Code.UNKNOWN_FEATURE);
            StandingRetrieval suspended = record();
            assertThat(suspended.getStatus()).isEqualTo(StandingStatus.SUSPENDED);
            assertThat(suspended.getSuspendedBy()).isEqualTo(SuspendedBy.REQUEST);

            assertThat(ask(action).getCode()).isEmpty();
            run = registry.runs().getFirst();
            assertThat(record().getStatus()).isEqualTo(StandingStatus.ACTIVE);
        }
    }

    @Test
    void neitherLiftsASuspensionByAView() {
        succeed(first);
        registry.send(Views.drop("v2"));
        assertThat(record().getSuspendedBy()).isEqualTo(SuspendedBy.VIEW);

        assertThat(ask(StandingAction.RUN).getMessage()).contains("is dropped");
        assertThat(ask(StandingAction.RESUME).getCode()).isEqualTo(Code.STANDING_SUSPENDED.name());
        assertThat(registry.runs()).isEmpty();
    }

    /// The operator's suspension ends, and the view's begins.
    @Test
    void isSuspendedByItsViewOnceTheOperatorResumesIt() {
        succeed(first);
        ask(StandingAction.SUSPEND);
        registry.send(Views.drop("v2"));
        assertThat(ask(StandingAction.RESUME).getStatus()).isEqualTo(RetrievalStatus.RESUMED);

        assertThat(record().getSuspendedBy()).isEqualTo(SuspendedBy.VIEW);
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void changesNothingTheSecondTime() {
        succeed(first);
        assertThat(ask(StandingAction.RESUME).getUnchanged()).isTrue();
        ask(StandingAction.SUSPEND);
        registry.standing();
        RetrievalResult again = ask(StandingAction.SUSPEND);

        assertThat(again.getStatus()).isEqualTo(RetrievalStatus.SUSPENDED);
        assertThat(again.getUnchanged()).isTrue();
        assertThat(registry.standing()).isEmpty();
    }

    @Test
    void knowsNoneThatIsCancelledOrWasNeverThere() {
        registry.send(Standings.cancel("x1"));
        registry.retrievalResults();
        for (StandingAction action :
                new StandingAction[] {StandingAction.RUN, StandingAction.SUSPEND, StandingAction.RESUME}) {
            assertThat(ask(action).getCode()).isEqualTo(Code.UNKNOWN_STANDING_RETRIEVAL.name());
        }
    }

    /// The answer to the request; others may follow it.
    private RetrievalResult ask(StandingAction action) {
        registry.retrievalResults();
        registry.send(StandingRequest.newBuilder()
                .setRequestId("ask-" + asked++)
                .setStandingId("daily")
                .setAction(action)
                .build());
        return registry.retrievalResults().getFirst();
    }

    /// The record as it is now, which may have been written before the last change.
    private StandingRetrieval record() {
        registry.standing().forEach(written -> last = written);
        return Objects.requireNonNull(last);
    }

    private void succeed(RetrievalRequest run) {
        registry.send(Standings.result(run, RetrievalStatus.SUCCEEDED));
    }

    private void fail(RetrievalRequest run, Code code) {
        registry.send(RetrievalResult.newBuilder(Standings.result(run, RetrievalStatus.FAILED))
                .setCode(code.name())
                .setFault(code.fault())
                .build());
    }
}
