package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.retrieval.answer.AnsweringFixture.RecordingSink;
import dev.firn.retrieval.outcome.Outcomes;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventClasses;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class CountedAnswersTest {
    private final RecordingSink sink = new RecordingSink();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final CountedAnswers counted = new CountedAnswers(sink, metrics);

    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    @Test
    void countsResultsByStatusAndCode() {
        announceFailure();
        announceFailure();

        assertThat(sink.results).hasSize(2);
        assertThat(metrics.get("firn.retrieval.results")
                        .tag("status", "FAILED")
                        .tag("code", "SPINE_NOT_FOUND")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void doesNotCountWhatWasNotSent() {
        sink.failures = 1;
        assertThatThrownBy(this::announceFailure).isInstanceOf(TransientFault.class);

        assertThat(metrics.getMeters()).isEmpty();
    }

    @Test
    void countsDeadLettersByTopicAndCode() {
        counted.deadLetter(AnsweringFixture.taken(), Code.OUTCOME_UNREADABLE, "why");

        assertThat(sink.deadLetters).containsExactly(Code.OUTCOME_UNREADABLE);
        assertThat(metrics.get("firn.retrieval.dead.letters")
                        .tag("topic", "retrieval-requests")
                        .tag("code", "OUTCOME_UNREADABLE")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    private void announceFailure() {
        counted.announce(
                Outcomes.failed("r1", "digest", Code.SPINE_NOT_FOUND, "is gone", Instant.EPOCH)
                        .build(),
                AnsweringFixture.taken());
    }
}
