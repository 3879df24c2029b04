package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalStatus;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.retrieval.job.Given;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A request that is not needed after an instant.
@Timeout(30)
final class DeadlineTest extends AnsweringFixture {
    private static final Instant DEADLINE = Given.NOW.plusSeconds(60);

    private final AtomicReference<Instant> now = new AtomicReference<>(Given.NOW);

    @BeforeEach
    void setDeadline() {
        clock = ((InstantSource) now::get).withZone(ZoneOffset.UTC);
        decoding = new Decoded.Value<>(
                RetrievalRequest.newBuilder(REQUEST).setDeadline(DEADLINE).build());
    }

    @Test
    void aRequestThatIsLookedAtTooLateIsNotRun() {
        now.set(DEADLINE);
        answer();
        answer();

        assertThat(attempts).isZero();
        assertThat(sink.results).hasSize(2).containsOnly(sink.results.getFirst());
        assertThat(sink.results.getFirst().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED.name());
        assertThat(manifest().result().getMessage()).contains(DEADLINE.toString());
    }

    @Test
    void aRequestInTimeIsAnswered() {
        answer();

        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
        assertThat(manifest().request())
                .as("a repetition of the request must not be late")
                .extracting(RetrievalRequest::getDeadline)
                .isNull();
    }

    @Test
    void stopsTheAttemptThatRuns() {
        attempting = task -> {
            attempts++;
            storage.putIfAbsent(task.folder() + "/part-00000000.parquet", new byte[1]);
            now.set(DEADLINE);
            task.cancellation().pause(Duration.ofMinutes(1));
            throw new AssertionError("not cancelled");
        };
        answer();

        assertThat(attempts).isEqualTo(1);
        assertThat(sink.only().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED.name());
        assertThat(sink.only().getAttempt()).isEqualTo(1);
        assertThat(storage.files.keySet()).noneMatch(file -> file.endsWith(".parquet"));
    }

    @Test
    void endsTheWaitForANeighbour() {
        attempting = task -> {
            now.set(DEADLINE);
            throw new LakeOutage(LakeCode.CATALOG_UNAVAILABLE, "away, says the test", null);
        };
        answer();

        assertThat(sink.only().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED.name());
    }

    @Test
    void anOutcomeThatStandsIsTheAnswerAlsoLater() {
        answer();
        now.set(DEADLINE);
        answer();

        assertThat(sink.results).hasSize(2).containsOnly(sink.results.getFirst());
        assertThat(sink.results.getFirst().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }
}
