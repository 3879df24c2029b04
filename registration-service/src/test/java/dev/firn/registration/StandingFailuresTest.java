package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.Fault;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import dev.firn.service.event.EventSize;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// docs/architecture.md, "When a run fails": no commit is lost because the run for it failed.
final class StandingFailuresTest {
    private final RegistryFixture registry = new RegistryFixture();

    @BeforeEach
    void register() {
        registry.chance.fixed = 0.0; // pauses without jitter
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
    void keepsPinsAndLocationOfTheLastSuccessfulRun() {
        RetrievalRequest first = created();
        succeed(first);
        registry.commit(101, 101, CommitKind.APPEND);
        RetrievalRequest second = registry.runs().getFirst();
        fail(second, Code.SNAPSHOT_EXPIRED);
        registry.commit(102, 102, CommitKind.APPEND);

        RetrievalRequest third = registry.runs().getFirst();
        assertThat(third.getPreviousPins()).isEqualTo(first.getPins());
        StandingRetrieval record = record();
        assertThat(record.getLastPins()).isEqualTo(first.getPins());
        assertThat(record.getLastLocation()).isEqualTo("s3://lake/results/firn/" + first.getRequestId());
        assertThat(record.getLastRunId()).isEqualTo(second.getRequestId());
        succeed(third);
        assertThat(record().getLastPins()).isEqualTo(third.getPins());
    }

    /// An outage fails many retrievals at once. They must not all run again at the same moment.
    @Test
    void waitsLongerByChance() {
        RetrievalRequest run = created();
        registry.chance.fixed = 0.5;
        fail(run, Code.SNAPSHOT_EXPIRED);

        StandingRetrieval record = record();
        assertThat(record.getRetryAt()).isEqualTo(record.getUpdatedAt().plusSeconds(11));
        assertThat(registry.meters
                        .get("firn.registration.runs.failed")
                        .counter()
                        .count())
                .isEqualTo(1);
        registry.pass(Duration.ofSeconds(11));
        assertThat(registry.runs()).hasSize(1);
        assertThat(registry.meters
                        .get("firn.registration.runs.issued")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(registry.meters
                        .get("firn.registration.runs.retried")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void runsAgainWithFreshPinsAfterAPauseWhenTheRequestIsNotAtFault() {
        succeed(created());
        registry.commit(101, 101, CommitKind.APPEND);
        RetrievalRequest failed = registry.runs().getFirst();
        registry.commit(102, 101, CommitKind.COMPACTION);
        fail(failed, Code.SNAPSHOT_EXPIRED);
        assertThat(registry.runs()).isEmpty();
        StandingRetrieval waiting = record();
        assertThat(waiting.getStatus()).isEqualTo(StandingStatus.ACTIVE);
        assertThat(waiting.getFailedRuns()).isEqualTo(1);
        assertThat(waiting.getLastFailure()).isEqualTo(Code.SNAPSHOT_EXPIRED.violation("", "it failed"));
        assertThat(waiting.getRetryAt()).isEqualTo(waiting.getUpdatedAt().plusSeconds(10));

        registry.pass(Duration.ofSeconds(9));
        assertThat(registry.runs()).isEmpty();
        registry.pass(Duration.ofSeconds(1));
        RetrievalRequest retry = registry.runs().getFirst();
        assertThat(retry.getRequestId()).startsWith("daily.r3.");
        assertThat(retry.getPins().getViews().getFirst().getSnapshotId()).isEqualTo(102);
        StandingRetrieval running = record();
        assertThat(running.getOutstandingRunId()).isEqualTo(retry.getRequestId());
        assertThat(running.getRetryAt()).isNull();
    }

    @Test
    void aCompactionNeitherStartsNorStopsTheRetry() {
        fail(created(), Code.FILE_UNREADABLE);
        registry.commit(101, 100, CommitKind.COMPACTION);
        assertThat(registry.runs()).isEmpty();

        registry.pass(Duration.ofSeconds(10));
        assertThat(registry.runs())
                .singleElement()
                .extracting(run -> run.getPins().getViews().getFirst().getSnapshotId())
                .isEqualTo(101L);
        registry.pass(Duration.ofMinutes(40));
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void doublesThePauseUpToTheLimitAndBeginsAgainAfterASuccess() {
        RetrievalRequest run = created();
        for (int pause : List.of(10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800)) {
            fail(run, Code.ATTEMPTS_EXHAUSTED);
            registry.pass(Duration.ofSeconds(pause).minusMillis(1));
            assertThat(registry.runs()).as("before %d s", pause).isEmpty();
            registry.pass(Duration.ofMillis(1).plus(RegistryFixture.TICK));
            run = registry.runs().getFirst();
        }
        assertThat(record().getFailedRuns()).isEqualTo(10);

        succeed(run);
        StandingRetrieval good = record();
        assertThat(good.getFailedRuns()).isZero();
        assertThat(good.getLastFailure()).isNull();
        assertThat(good.getRetryAt()).isNull();
        registry.pass(Duration.ofMinutes(31));
        assertThat(registry.runs()).isEmpty();
        registry.commit(101, 101, CommitKind.APPEND);
        assertRetriedAfterTenSeconds(registry.runs().getFirst());
    }

    @Test
    void aChangeEndsThePauseAndTheCount() {
        fail(created(), Code.FILE_DENIED);
        registry.pass(Duration.ofSeconds(10));
        fail(registry.runs().getFirst(), Code.FILE_DENIED);
        registry.commit(101, 101, CommitKind.APPEND);

        RetrievalRequest run = registry.runs().getFirst();
        assertThat(record().getFailedRuns()).isZero();
        assertRetriedAfterTenSeconds(run);
    }

    @Test
    void aChangeDuringTheRunThatFailsStartsTheNextOneAtOnce() {
        RetrievalRequest first = created();
        registry.commit(101, 101, CommitKind.APPEND);
        fail(first, Code.UNKNOWN_FEATURE);

        assertThat(record().getStatus()).isEqualTo(StandingStatus.ACTIVE);
        assertRetriedAfterTenSeconds(registry.runs().getFirst());
    }

    @Test
    void aFaultOfTheRequestSuspendsItWithTheReasonsUntilAViewChanges() {
        registry.send(failedWith(created(), Code.UNKNOWN_FEATURE, Code.COLUMN_COLLISION));

        StandingRetrieval record = record();
        assertThat(record.getStatus()).isEqualTo(StandingStatus.SUSPENDED);
        assertThat(record.getReasons())
                .extracting(Violation::getCode)
                .containsExactly(Code.UNKNOWN_FEATURE.name(), Code.COLUMN_COLLISION.name());
        assertThat(record.getLastFailure()).isEqualTo(Code.UNKNOWN_FEATURE.violation("", "it failed"));
        assertThat(record.getRetryAt()).isNull();
        RetrievalResult suspended = registry.retrievalResults().getLast();
        assertThat(suspended.getStatus()).isEqualTo(RetrievalStatus.SUSPENDED);
        assertThat(suspended.getViolations()).isEqualTo(record.getReasons());
        registry.commit(101, 100, CommitKind.COMPACTION);
        registry.pass(Duration.ofHours(2));
        assertThat(registry.runs()).isEmpty();
        assertThat(registry.retrievalResults()).isEmpty();

        registry.send(Views.request("v2").setTtlMicros(7L).build());
        registry.validateAll();
        assertThat(registry.retrievalResults().getLast().getStatus()).isEqualTo(RetrievalStatus.RESUMED);
        StandingRetrieval resumed = record();
        assertThat(resumed.getStatus()).isEqualTo(StandingStatus.ACTIVE);
        assertThat(resumed.getReasons()).isEmpty();
        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void runsOnceAViewThatNobodyHadRegisteredIsRegistered() {
        registry.send(StandingRequest.newBuilder(Standings.create("c1"))
                .setRetrieval(
                        Standings.retrieval().setFeatures(List.of("later:x")).build())
                .build());
        fail(registry.runs().getFirst(), Code.UNKNOWN_VIEW);
        assertThat(record().getStatus()).isEqualTo(StandingStatus.SUSPENDED);

        registry.send(Views.request("v2").setName("later").build());
        registry.validateAll();
        assertThat(registry.runs()).hasSize(1);
        assertThat(record().getStatus()).isEqualTo(StandingStatus.ACTIVE);
    }

    @Test
    void aCommitToAViewLiftsASuspensionOnceTheViewIsIntact() {
        fail(created(), Code.SPINE_TOO_LARGE);
        registry.catalog.showNothing();
        registry.hintAndLook();
        assertThat(record().getReasons()).extracting(Violation::getCode).containsExactly(Code.VIEW_BROKEN.name());
        assertThat(registry.runs()).isEmpty();

        registry.commit(101, 101, CommitKind.APPEND);
        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void aChangedDefinitionLiftsASuspension() {
        fail(created(), Code.UNKNOWN_FEATURE);
        registry.send(StandingRequest.newBuilder(Standings.create("c2"))
                .setRetrieval(Standings.retrieval().setFullFeatureNames(true).build())
                .build());

        assertThat(record().getStatus()).isEqualTo(StandingStatus.ACTIVE);
        assertRetriedAfterTenSeconds(registry.runs().getFirst());
    }

    @Test
    void aBrokenViewEndsTheRetry() {
        fail(created(), Code.FILE_NOT_FOUND);
        registry.catalog.showNothing();
        registry.hintAndLook();
        assertThat(record().getRetryAt()).isNull();
        registry.pass(Duration.ofHours(1));
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void cancellingEndsTheRetry() {
        fail(created(), Code.FILE_NOT_FOUND);
        registry.send(Standings.cancel("x1"));
        assertThat(record().getRetryAt()).isNull();
        registry.pass(Duration.ofHours(1));
        assertThat(registry.runs()).isEmpty();
    }

    @Test
    void judgesResultsOfOlderWorkersByTheirCode() {
        RetrievalRequest run = created();
        registry.send(unjudged(run, Code.OUT_OF_BUDGET.name()));
        assertThat(record().getLastFailure().getFault()).isEqualTo(Fault.SERVICE);
        registry.pass(Duration.ofSeconds(10));
        registry.send(unjudged(registry.runs().getFirst(), "A_CODE_OF_TOMORROW"));
        assertThat(record().getLastFailure().getFault()).isEqualTo(Fault.SERVICE);
        registry.pass(Duration.ofSeconds(20));
        registry.send(unjudged(registry.runs().getFirst(), Code.UNKNOWN_FEATURE.name()));

        StandingRetrieval record = record();
        assertThat(record.getStatus()).isEqualTo(StandingStatus.SUSPENDED);
        assertThat(record.getReasons()).extracting(Violation::getCode).containsExactly(Code.UNKNOWN_FEATURE.name());
    }

    @Test
    void triesAgainWhereTheFaultIsInWhatFirnPutIntoTheRun() {
        fail(created(), Code.REQUEST_ID_REUSED);

        assertThat(record().getStatus()).isEqualTo(StandingStatus.ACTIVE);
        registry.pass(Duration.ofSeconds(10));
        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void keepsTheRecordSmallWhateverTheWorkerAnswers() {
        Violation huge = Violation.newBuilder(Code.UNKNOWN_FEATURE.violation("f".repeat(2_000), "m".repeat(2_000)))
                .setCode("C".repeat(2_000))
                .build();
        registry.send(RetrievalResult.newBuilder(failed(created(), Code.UNKNOWN_FEATURE))
                .setMessage("m".repeat(200_000))
                .setViolations(Collections.nCopies(100, huge))
                .build());

        StandingRetrieval record = record();
        assertThat(record.getReasons()).hasSize(20);
        assertThat(EventSize.of(record)).isLessThan(20_000);
    }

    /// A cancellation is about that run alone: it does not count as a failure, and the next change starts a run.
    @Test
    void aCancelledRunIsDueAgainAtTheNextChange() {
        succeed(created());
        registry.commit(101, 101, CommitKind.APPEND);
        RetrievalRequest run = registry.runs().getFirst();
        cancel(run);

        StandingRetrieval record = record();
        assertThat(record.getStatus()).isEqualTo(StandingStatus.ACTIVE);
        assertThat(record.getOutstandingRunId()).isNull();
        assertThat(record.getFailedRuns()).isZero();
        assertThat(record.getRetryAt()).isNull();
        assertThat(record.getLastFailure())
                .isNotNull()
                .extracting(Violation::getCode)
                .isEqualTo(Code.CANCELLED.name());
        registry.pass(Duration.ofHours(1));
        assertThat(registry.runs()).isEmpty();

        registry.commit(102, 102, CommitKind.APPEND);
        assertThat(registry.runs()).hasSize(1);
        assertThat(registry.meters.find("firn.registration.runs.failed").counters())
                .allSatisfy(counter -> assertThat(counter.count()).isZero());
    }

    @Test
    void aRunThatWasCancelledAfterAChangeIsFollowedAtOnce() {
        succeed(created());
        registry.commit(101, 101, CommitKind.APPEND);
        RetrievalRequest run = registry.runs().getFirst();
        registry.commit(102, 102, CommitKind.APPEND);
        assertThat(registry.runs()).isEmpty();
        cancel(run);

        assertThat(registry.runs()).hasSize(1);
    }

    /// As a worker answers it: the cancellation is decided without the request.
    private void cancel(RetrievalRequest run) {
        registry.send(RetrievalResult.newBuilder(failed(run, Code.CANCELLED))
                .setRequestDigest("")
                .build());
    }

    private void assertRetriedAfterTenSeconds(RetrievalRequest run) {
        fail(run, Code.FILE_DENIED);
        registry.pass(Duration.ofMillis(9_999));
        assertThat(registry.runs()).isEmpty();
        registry.pass(Duration.ofMillis(1).plus(RegistryFixture.TICK));
        assertThat(registry.runs()).hasSize(1);
    }

    private RetrievalRequest created() {
        registry.send(Standings.create("c1"));
        return registry.runs().getFirst();
    }

    private void succeed(RetrievalRequest run) {
        registry.send(Standings.result(run, RetrievalStatus.SUCCEEDED));
    }

    private void fail(RetrievalRequest run, Code code) {
        registry.send(failed(run, code));
    }

    private static RetrievalResult failed(RetrievalRequest run, Code code) {
        return RetrievalResult.newBuilder(Standings.result(run, RetrievalStatus.FAILED))
                .setCode(code.name())
                .setFault(code.fault())
                .setMessage("it failed")
                .build();
    }

    private static RetrievalResult failedWith(RetrievalRequest run, Code... codes) {
        return RetrievalResult.newBuilder(failed(run, codes[0]))
                .setViolations(Arrays.stream(codes)
                        .map(code -> code.violation("features", "wrong"))
                        .toList())
                .build();
    }

    /// As workers answered before results had a fault.
    private static RetrievalResult unjudged(RetrievalRequest run, String code) {
        return RetrievalResult.newBuilder(Standings.result(run, RetrievalStatus.FAILED))
                .setCode(code)
                .build();
    }

    private StandingRetrieval record() {
        return registry.standing().getLast();
    }
}
