package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TargetOutcome;
import dev.firn.events.TargetStatus;
import dev.firn.schemas.Code;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// docs/architecture.md, "When a run fails": a run whose result did not reach its target table succeeded, and another
/// one follows until the table holds the result.
final class StandingTargetTest {
    private final RegistryFixture registry = new RegistryFixture();
    private RetrievalRequest first;
    private @Nullable StandingRetrieval last;

    @BeforeEach
    void create() {
        registry.chance.fixed = 0.0; // pauses without jitter
        registry.show(100, 100, CommitKind.UNKNOWN);
        registry.register("v1");
        registry.lookAll();
        registry.send(Standings.create("c1"));
        first = registry.runs().getFirst();
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void theRecordSaysThatTheTableHoldsTheResult() {
        TargetOutcome committed =
                target(TargetStatus.COMMITTED).setSnapshotId(7L).build();
        answer(first, committed);
        assertThat(record().getLastTarget()).isEqualTo(committed);
        assertThat(record().getRetryAt()).isNull();
        assertThat(record().getFailedRuns()).isZero();
    }

    @Test
    void aRunWithoutATargetHasNone() {
        answer(first, refused(Code.TARGET_UNAVAILABLE));
        registry.pass(Duration.ofSeconds(10));
        registry.send(Standings.result(registry.runs().getFirst(), RetrievalStatus.SUCCEEDED));
        assertThat(record().getLastTarget()).isNull();
    }

    @ParameterizedTest
    @EnumSource(
            value = Code.class,
            names = {"TARGET_UNAVAILABLE", "TARGET_REFUSED"})
    void anotherRunFollowsIfTheRefusalMayPass(Code code) {
        answer(first, refused(code));
        StandingRetrieval record = record();
        assertThat(record.getLastTarget()).isEqualTo(refused(code));
        assertThat(record.getLastStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(record.getLastFailure()).isNull();
        assertThat(record.getLastPins()).isEqualTo(first.getPins());
        assertThat(record.getLastLocation()).endsWith(first.getRequestId());
        assertThat(record.getRetryAt()).isEqualTo(record.getUpdatedAt().plusSeconds(10));

        registry.pass(Duration.ofMillis(9_999));
        assertThat(registry.runs()).isEmpty();
        registry.pass(Duration.ofMillis(1).plus(RegistryFixture.TICK));
        RetrievalRequest second = registry.runs().getFirst();
        assertThat(second.getRequestId())
                .as("what became of the first is decided")
                .startsWith("daily.r2.");
        assertThat(second.getPreviousPins()).isEqualTo(first.getPins());

        answer(second, target(TargetStatus.COMMITTED).build());
        assertThat(record().getFailedRuns()).isZero();
        registry.pass(Duration.ofHours(1));
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void thePauseDoublesUpToTheLimitAndAChangeEndsIt() {
        RetrievalRequest run = first;
        for (int pause : List.of(10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800)) {
            answer(run, refused(Code.TARGET_UNAVAILABLE));
            registry.pass(Duration.ofSeconds(pause).minusMillis(1));
            assertThat(registry.runs()).as("before %d s", pause).isEmpty();
            registry.pass(Duration.ofMillis(1).plus(RegistryFixture.TICK));
            run = registry.runs().getFirst();
        }
        answer(run, refused(Code.TARGET_UNAVAILABLE));
        registry.commit(101, 101, CommitKind.APPEND);
        answer(registry.runs().getFirst(), refused(Code.TARGET_UNAVAILABLE));
        assertThat(record().getRetryAt()).isEqualTo(record().getUpdatedAt().plusSeconds(10));
    }

    @Test
    void aChangeDuringTheRunStartsTheNextOneAtOnce() {
        registry.commit(101, 101, CommitKind.APPEND);
        answer(first, refused(Code.TARGET_UNAVAILABLE));
        assertThat(registry.runs()).hasSize(1);
        assertThat(record().getRetryAt()).isNull();
    }

    /// A new run would be refused before it reads anything, and suspend the standing retrieval.
    @Test
    void noRunFollowsIfTheRequestIsAtFault() {
        answer(first, refused(Code.TARGET_NOT_OWNED));
        assertThat(record().getLastTarget()).isEqualTo(refused(Code.TARGET_NOT_OWNED));
        assertThat(record().getRetryAt()).isNull();
        registry.pass(Duration.ofHours(1));
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void noRunFollowsALaterRunThatTheTableHolds() {
        answer(first, target(TargetStatus.SUPERSEDED).build());
        assertThat(record().getLastTarget().getStatus()).isEqualTo(TargetStatus.SUPERSEDED);
        registry.pass(Duration.ofHours(1));
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void aRunFollowsTheResumeOfAnOperator() {
        ask(StandingAction.SUSPEND);
        answer(first, refused(Code.TARGET_REFUSED));
        assertThat(record().getRetryAt()).isNull();
        registry.pass(Duration.ofHours(1));
        assertThat(registry.runs()).isEmpty();

        ask(StandingAction.RESUME);
        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void aFailedRunLeavesWhatBecameOfTheLastSuccessfulOne() {
        answer(first, target(TargetStatus.COMMITTED).build());
        registry.commit(101, 101, CommitKind.APPEND);
        RetrievalRequest second = registry.runs().getFirst();
        registry.send(RetrievalResult.newBuilder(Standings.result(second, RetrievalStatus.FAILED))
                .setCode(Code.SNAPSHOT_EXPIRED.name())
                .setFault(Code.SNAPSHOT_EXPIRED.fault())
                .build());
        assertThat(Objects.requireNonNull(record().getLastTarget()).getStatus()).isEqualTo(TargetStatus.COMMITTED);
    }

    @Test
    void theRecordStaysSmall() {
        answer(
                first,
                target(TargetStatus.NOT_COMMITTED)
                        .setTable("t".repeat(100_000))
                        .setCode("C".repeat(100_000))
                        .setMessage("m".repeat(100_000))
                        .build());
        TargetOutcome target = Objects.requireNonNull(record().getLastTarget());
        assertThat(target.getMessage()).hasSize(300);
        assertThat(target.getTable().length() + target.getCode().length()).isLessThan(1_000);
    }

    private void answer(RetrievalRequest run, TargetOutcome target) {
        registry.send(RetrievalResult.newBuilder(Standings.result(run, RetrievalStatus.SUCCEEDED))
                .setTarget(target)
                .build());
    }

    private static TargetOutcome refused(Code code) {
        return target(TargetStatus.NOT_COMMITTED)
                .setCode(code.name())
                .setFault(code.fault())
                .build();
    }

    private static TargetOutcome.Builder target(TargetStatus status) {
        return TargetOutcome.newBuilder()
                .setTable("iceberg.features.daily")
                .setStatus(status)
                .setMessage("so it is")
                .setDecidedAt(RegistryFixture.START);
    }

    private void ask(StandingAction action) {
        registry.send(StandingRequest.newBuilder()
                .setRequestId("ask-" + action)
                .setStandingId("daily")
                .setAction(action)
                .build());
    }

    /// As it was published last.
    private StandingRetrieval record() {
        List<StandingRetrieval> published = registry.standing();
        last = published.isEmpty() ? last : published.getLast();
        return Objects.requireNonNull(last);
    }
}
