package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.PreviousRun;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.ViewPin;
import dev.firn.events.Violation;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.view.ViewEntry;
import dev.firn.schemas.Code;
import dev.firn.schemas.Ids;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// docs/architecture.md, "The way of a refresh": standing retrievals and their runs.
final class StandingTest {
    private final RegistryFixture registry =
            new RegistryFixture("firn.refresh.run-timeout", "1h", "firn.registration.validation-deadline", "10s");

    @BeforeEach
    void register() {
        registry.show(100, 100, CommitKind.UNKNOWN);
        registry.send(Views.request("v1").build());
        registry.validateAll();
        registry.lookAll();
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void isAnsweredAndRunAtOnceWithItsPins() {
        registry.send(Standings.create("c1"));

        RetrievalResult answer = registry.retrievalResults().getFirst();
        assertThat(answer.getStatus()).isEqualTo(RetrievalStatus.CREATED);
        assertThat(answer.getRequestId()).isEqualTo("c1");
        assertThat(answer.getStandingId()).isEqualTo("daily");
        RetrievalRequest run = registry.runs().getFirst();
        assertThat(run.getStandingId()).isEqualTo("daily");
        assertThat(run.getRequestId()).startsWith("daily.r1.").matches(Ids::isRequestId);
        ViewPin pin = run.getPins().getViews().getFirst();
        assertThat(pin.getAlias()).isEqualTo("customer_features");
        assertThat(pin.getSnapshotId()).isEqualTo(100);
        assertThat(run.getPreviousPins()).isNull();
        StandingRetrieval record = registry.standing().getLast();
        assertThat(record.getOutstandingRunId()).isEqualTo(run.getRequestId());
        assertThat(record.getDirty()).isFalse();
    }

    /// Version 1 kept the standing retrievals that read a view inside its entry.
    @Test
    void splitsTheEntryOfAViewThatAnOlderVersionWrote() {
        answer(created(), RetrievalStatus.SUCCEEDED);
        ViewEntry entry = registry.viewEntry("customer_features");
        registry.replace(NodeNames.SUBSCRIBERS_STORE, "customer_features\ndaily", null);
        registry.replace(
                NodeNames.VIEWS_STORE,
                "customer_features",
                new ViewEntry(entry.record(), entry.nextSequence(), entry.answeredIds(), Set.of("daily"), null, null));
        registry.commit(101, 101, CommitKind.APPEND);

        assertThat(registry.runs()).hasSize(1);
        assertThat(registry.stored(NodeNames.SUBSCRIBERS_STORE)).isOne();
        registry.send(Standings.cancel("c2"));
        assertThat(registry.stored(NodeNames.SUBSCRIBERS_STORE)).isZero();
    }

    @Test
    void runsWithThePreviousPinsWhenTheContentOfAViewChanges() {
        RetrievalRequest first = created();
        answer(first, RetrievalStatus.SUCCEEDED);
        registry.commit(101, 101, CommitKind.APPEND);

        RetrievalRequest second = registry.runs().getFirst();
        assertThat(second.getRequestId()).startsWith("daily.r2.");
        assertThat(second.getPins().getViews().getFirst().getSnapshotId()).isEqualTo(101);
        assertThat(second.getPreviousPins()).isEqualTo(first.getPins());
    }

    @Test
    void namesTheLastSuccessfulRun() {
        RetrievalRequest first = created();
        assertThat(first.getPreviousRun()).isNull();
        String manifest = "s3://lake/results/firn/" + first.getRequestId() + "/_manifest.json";
        registry.send(RetrievalResult.newBuilder(Standings.result(first, RetrievalStatus.SUCCEEDED))
                .setManifestLocation(manifest)
                .build());
        registry.commit(101, 101, CommitKind.APPEND);
        RetrievalRequest second = registry.runs().getFirst();
        assertThat(second.getPreviousRun()).isEqualTo(new PreviousRun(first.getRequestId(), manifest));

        registry.send(Standings.result(second, RetrievalStatus.FAILED));
        registry.commit(102, 102, CommitKind.APPEND);
        assertThat(registry.runs().getFirst().getPreviousRun()).isEqualTo(second.getPreviousRun());
    }

    /// A run's id is public, so anybody may ask for something else under it, and a worker will answer that.
    @Test
    void ignoresTheAnswerToAnotherRequestUnderTheIdOfARun() {
        RetrievalRequest run = created();
        RetrievalRequest forged = RetrievalRequest.newBuilder(run)
                .setFeatures(List.of("other_view:total"))
                .setPins(null)
                .build();
        registry.standing();

        registry.send(Standings.result(forged, RetrievalStatus.SUCCEEDED));
        registry.send(Standings.result(forged, RetrievalStatus.FAILED));
        assertThat(registry.standing()).isEmpty();

        registry.send(Standings.result(run, RetrievalStatus.SUCCEEDED));
        assertThat(registry.standing().getLast().getLastRunId()).isEqualTo(run.getRequestId());
    }

    @Test
    void doesNotRunOnCompaction() {
        answer(created(), RetrievalStatus.SUCCEEDED);
        registry.commit(101, 100, CommitKind.COMPACTION);
        assertThat(registry.runs()).isEmpty();

        registry.commit(102, 102, CommitKind.APPEND);
        assertThat(registry.runs().getFirst().getPins().getViews().getFirst().getSnapshotId())
                .isEqualTo(102);
    }

    @Test
    void runsWhenAViewsVersionChanges() {
        answer(created(), RetrievalStatus.SUCCEEDED);
        registry.send(Views.request("v2").setTtlMicros(7L).build());
        registry.validateAll();

        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void coalescesChangesWhileARunIsOutstanding() {
        RetrievalRequest first = created();
        registry.commit(101, 101, CommitKind.APPEND);
        registry.commit(102, 102, CommitKind.APPEND);
        registry.commit(103, 103, CommitKind.APPEND);
        assertThat(registry.runs()).isEmpty();
        assertThat(registry.standing().getLast().getDirty()).isTrue();

        answer(first, RetrievalStatus.SUCCEEDED);
        List<RetrievalRequest> runs = registry.runs();
        assertThat(runs).hasSize(1);
        assertThat(runs.getFirst().getPins().getViews().getFirst().getSnapshotId())
                .isEqualTo(103);
        answer(runs.getFirst(), RetrievalStatus.SUCCEEDED);
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void runsAgainUnderAnotherIdAfterARollback() {
        RetrievalRequest first = created();
        answer(first, RetrievalStatus.SUCCEEDED);
        registry.commit(101, 101, CommitKind.APPEND);
        answer(registry.runs().getFirst(), RetrievalStatus.SUCCEEDED);
        registry.commit(100, 100, CommitKind.CONTENT);

        RetrievalRequest third = registry.runs().getFirst();
        assertThat(third.getPins().getViews().getFirst().getSnapshotId()).isEqualTo(100);
        assertThat(third.getRequestId()).isNotEqualTo(first.getRequestId());
    }

    @Test
    void reissuesARunWordForWordAfterTheTimeout() {
        RetrievalRequest first = created();
        registry.pass(Duration.ofMinutes(59));
        assertThat(registry.runs()).isEmpty();
        registry.pass(Duration.ofMinutes(2));

        assertThat(registry.runs()).contains(first);
    }

    @Test
    void ignoresAnswersToOtherRuns() {
        RetrievalRequest first = created();
        RetrievalResult other = RetrievalResult.newBuilder(Standings.result(first, RetrievalStatus.SUCCEEDED))
                .setRequestId("daily.r0.old")
                .build();
        registry.send(other);

        registry.commit(101, 101, CommitKind.APPEND);
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void keepsTheLocationOfTheLastGoodRunWhenARunFails() {
        RetrievalRequest first = created();
        answer(first, RetrievalStatus.SUCCEEDED);
        registry.commit(101, 101, CommitKind.APPEND);
        RetrievalRequest second = registry.runs().getFirst();
        answer(second, RetrievalStatus.FAILED);

        StandingRetrieval record = registry.standing().getLast();
        assertThat(record.getOutstandingRunId()).isNull();
        assertThat(record.getLastStatus()).isEqualTo(RetrievalStatus.FAILED);
        assertThat(record.getLastRunId()).isEqualTo(second.getRequestId());
        assertThat(record.getLastLocation()).isEqualTo("s3://lake/results/firn/" + first.getRequestId());
    }

    @Test
    void isSuspendedWithTheReasonWhileAViewIsBrokenAndRunsOnceItIsRepaired() {
        answer(created(), RetrievalStatus.SUCCEEDED);
        registry.catalog.showNothing();
        registry.hintAndLook();
        RetrievalResult suspended = registry.retrievalResults().getLast();
        assertThat(suspended.getStatus()).isEqualTo(RetrievalStatus.SUSPENDED);
        assertThat(suspended.getMessage()).contains("customer_features").contains("gone");
        assertThat(suspended.getViolations()).extracting(Violation::getCode).containsExactly(Code.VIEW_BROKEN.name());
        assertThat(registry.standing().getLast().getStatus()).isEqualTo(StandingStatus.SUSPENDED);
        assertThat(registry.runs()).isEmpty();

        registry.commit(100, 100, CommitKind.UNKNOWN);
        assertThat(registry.retrievalResults().getLast().getStatus()).isEqualTo(RetrievalStatus.RESUMED);
        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void isSuspendedWhileAViewIsDropped() {
        answer(created(), RetrievalStatus.SUCCEEDED);
        registry.send(Views.drop("v2"));
        RetrievalResult suspended = registry.retrievalResults().getLast();
        assertThat(suspended.getStatus()).isEqualTo(RetrievalStatus.SUSPENDED);
        assertThat(suspended.getViolations()).extracting(Violation::getCode).containsExactly(Code.VIEW_DROPPED.name());

        registry.send(Views.request("v3").build());
        registry.validateAll();
        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void runsADefinitionWithAnUnknownView() {
        StandingRequest request = StandingRequest.newBuilder(Standings.create("c1"))
                .setRetrieval(
                        Standings.retrieval().setFeatures(List.of("nobody:x")).build())
                .build();
        registry.send(request);

        assertThat(registry.runs().getFirst().getPins()).isNull();
    }

    @Test
    void runsAChangedDefinitionAtOnceEvenIfTheOldRunIsOutstanding() {
        RetrievalRequest old = created();
        registry.send(StandingRequest.newBuilder(Standings.create("c2"))
                .setRetrieval(Standings.retrieval().setFullFeatureNames(true).build())
                .build());

        RetrievalRequest run = registry.runs().getFirst();
        assertThat(run.getFullFeatureNames()).isTrue();
        assertThat(run.getRequestId()).isNotEqualTo(old.getRequestId());
        assertThat(registry.standing().getLast().getVersion()).isEqualTo(2);
    }

    private RetrievalRequest created() {
        registry.send(Standings.create("c1"));
        registry.standing();
        return registry.runs().getFirst();
    }

    private void answer(RetrievalRequest run, RetrievalStatus status) {
        registry.send(Standings.result(run, status));
    }
}
