package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.CommitKind;
import dev.firn.events.Fault;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingStatus;
import dev.firn.events.Violation;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import dev.firn.service.event.Frames;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The answers to standing requests: what is accepted, what is rejected, and inline spines.
final class StandingRequestTest {
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
    void doesNotRunAgainWhenTheSameDefinitionIsCreatedAgain() {
        answer(created(), RetrievalStatus.SUCCEEDED);
        registry.retrievalResults();
        registry.send(Standings.create("c2"));

        RetrievalResult answer = registry.retrievalResults().getFirst();
        assertThat(answer.getStatus()).isEqualTo(RetrievalStatus.CREATED);
        assertThat(answer.getUnchanged()).isTrue();
        assertThat(registry.runs()).isEmpty();

        registry.send(StandingRequest.newBuilder(Standings.create("c3"))
                .setRetrieval(Standings.retrieval().setFullFeatureNames(true).build())
                .build());
        assertThat(registry.retrievalResults().getFirst().getUnchanged()).isFalse();
        assertThat(registry.runs()).hasSize(1);
    }

    @Test
    void doesNotRunOnceItIsCancelled() {
        created();
        registry.retrievalResults();
        registry.send(Standings.cancel("x1"));
        assertThat(registry.retrievalResults().getFirst().getStatus()).isEqualTo(RetrievalStatus.CANCELLED);
        assertThat(registry.standing().getLast().getStatus()).isEqualTo(StandingStatus.CANCELLED);

        registry.commit(101, 101, CommitKind.APPEND);
        assertThat(registry.runs()).isEmpty();
    }

    /// "There is none" would be a riddle to whoever cancels twice.
    @Test
    void saysThatItWasCancelledBefore() {
        created();
        registry.send(Standings.cancel("x1"));
        registry.retrievalResults();

        registry.send(Standings.cancel("x2"));

        RetrievalResult again = registry.retrievalResults().getLast();
        assertThat(again.getCode()).isEqualTo(Code.UNKNOWN_STANDING_RETRIEVAL.name());
        assertThat(again.getMessage()).contains("was cancelled at ");
    }

    @Test
    void rejectsEachViolationWithItsCode() {
        assertThat(refused(Standings.cancel("x1"))).isEqualTo(Code.UNKNOWN_STANDING_RETRIEVAL.name());
        assertThat(refused(StandingRequest.newBuilder(Standings.create("c1"))
                        .setRetrieval(null)
                        .build()))
                .isEqualTo(Code.NO_RETRIEVAL.name());
        assertThat(refused(Standings.create("daily.r1.0123456789abcdef"))).isEqualTo(Code.REQUEST_ID_RESERVED.name());
        assertThat(refused(StandingRequest.newBuilder(Standings.create("c2"))
                        .setStandingId("../x")
                        .build()))
                .isEqualTo(Code.INVALID_STANDING_ID.name());
        assertThat(refused(StandingRequest.newBuilder(Standings.create("c3"))
                        .setRetrieval(Standings.retrieval()
                                .setPinsLocation("s3://lake/results/m")
                                .build())
                        .build()))
                .isEqualTo(Code.PINS_NOT_ALLOWED.name());
        assertThat(refused(StandingRequest.newBuilder(Standings.create("c7"))
                        .setRetrieval(Standings.retrieval()
                                .setDeadline(Instant.parse("2030-01-01T00:00:00Z"))
                                .build())
                        .build()))
                .isEqualTo(Code.DEADLINE_NOT_ALLOWED.name());
        assertThat(refused(StandingRequest.newBuilder(Standings.create("a/b")).build()))
                .isEqualTo(Code.INVALID_REQUEST_ID.name());
        assertThat(refused(StandingRequest.newBuilder(Standings.create("c4"))
                        .setStandingId("x".repeat(81))
                        .build()))
                .isEqualTo(Code.INVALID_STANDING_ID.name());
        assertThat(refused(StandingRequest.newBuilder(Standings.create("c5"))
                        .setAction(StandingAction.UNKNOWN)
                        .build()))
                .isEqualTo(Code.UNKNOWN_ACTION.name());
        assertThat(refused(Standings.withRows("c6", Limits.INLINE_SPINE_ROWS + 1)))
                .isEqualTo(Code.SPINE_TOO_LARGE.name());
        assertThat(registry.spineWrites.waiting()).isZero();
    }

    @Test
    void rejectsARecordKeyThatDiffersFromTheStandingId() {
        registry.send("standing-requests", "another", Frames.encode(Standings.create("c1")), new RecordHeaders());

        assertThat(registry.retrievalResults().getFirst().getCode()).isEqualTo(Code.KEY_MISMATCH.name());
    }

    @Test
    void failsWithTheStoresCodeWhenItRefusesTheSpine() {
        registry.spines.rejection = new LakeRejection(LakeCode.UNSUPPORTED_STORE, "no conditional writes");
        registry.send(Standings.withRows("c1", 2));
        registry.spineWrites.runAll();
        registry.tick();

        RetrievalResult answer = registry.retrievalResults().getFirst();
        assertThat(answer.getStatus()).isEqualTo(RetrievalStatus.FAILED);
        assertThat(answer.getCode()).isEqualTo(Code.UNSUPPORTED_STORE.name());
        assertThat(answer.getViolations().getFirst().getField()).isEqualTo("retrieval.spine");
    }

    @Test
    void answersAResentRequestWithItsAnswerAndRejectsAnotherBody() {
        created();
        registry.retrievalResults();
        registry.send(Standings.create("c1"));
        assertThat(registry.retrievalResults().getFirst().getStatus()).isEqualTo(RetrievalStatus.CREATED);
        assertThat(refused(StandingRequest.newBuilder(Standings.create("c1"))
                        .setRetrieval(
                                Standings.retrieval().setFullFeatureNames(true).build())
                        .build()))
                .isEqualTo(Code.REQUEST_ID_REUSED.name());
    }

    @Test
    void answersOnlyTheSameRequestWithItsAnswerWhileTooManyWait() {
        created();
        for (int i = 0; i < 20; i++) {
            registry.send(Standings.withRows("waits-" + i, 2)); // until its spine is stored
        }
        registry.retrievalResults();
        registry.send(Standings.create("c1"));
        assertThat(registry.retrievalResults().getFirst().getStatus()).isEqualTo(RetrievalStatus.CREATED);
        registry.send(StandingRequest.newBuilder(Standings.create("c1"))
                .setRetrieval(Standings.retrieval().setFullFeatureNames(true).build())
                .build());
        assertThat(registry.retrievalResults().getFirst().getCode()).isEqualTo(Code.OVERLOADED.name());
    }

    @Test
    void storesAnInlineSpineOnceAndPutsItsLocationIntoRuns() {
        registry.send(Standings.withRows("c1", 2));
        assertThat(registry.retrievalResults()).isEmpty();
        registry.spineWrites.runAll();
        registry.tick();

        assertThat(registry.retrievalResults().getFirst().getStatus()).isEqualTo(RetrievalStatus.CREATED);
        RetrievalRequest run = registry.runs().getFirst();
        assertThat(run.getSpine().getRows()).isEmpty();
        assertThat(run.getSpine().getLocations()).hasSize(1);
        answer(run, RetrievalStatus.SUCCEEDED);
        registry.commit(101, 101, CommitKind.APPEND);
        assertThat(registry.runs()).hasSize(1);
        assertThat(registry.spines.writes).isEqualTo(1);
    }

    @Test
    void failsAtTheDeadlineWhileTheStoreIsAway() {
        registry.spines.away = true;
        registry.send(Standings.withRows("c1", 2));
        for (int second = 0; second < 11; second++) {
            registry.spineWrites.runAll();
            registry.pass(Duration.ofSeconds(1));
        }
        registry.spineWrites.runAll();
        registry.tick();

        RetrievalResult answer = registry.retrievalResults().getFirst();
        assertThat(answer.getStatus()).isEqualTo(RetrievalStatus.FAILED);
        assertThat(answer.getCode()).isEqualTo(Code.STORAGE_UNAVAILABLE.name());
        assertThat(answer.getFault()).isEqualTo(Fault.SERVICE);
    }

    private RetrievalRequest created() {
        registry.send(Standings.create("c1"));
        registry.standing();
        return registry.runs().getFirst();
    }

    private void answer(RetrievalRequest run, RetrievalStatus status) {
        registry.send(Standings.result(run, status));
    }

    private String refused(StandingRequest request) {
        registry.retrievalResults();
        registry.send(request);
        RetrievalResult answer = registry.retrievalResults().getFirst();
        assertThat(answer.getStatus()).isEqualTo(RetrievalStatus.FAILED);
        assertThat(answer.getFault()).isEqualTo(Fault.REQUEST);
        assertThat(answer.getViolations()).extracting(Violation::getCode).containsExactly(answer.getCode());
        return answer.getCode();
    }
}
