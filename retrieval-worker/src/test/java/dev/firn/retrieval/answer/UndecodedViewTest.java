package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalStatus;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.intake.Turn;
import dev.firn.schemas.Code;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A record of the registry that cannot be decoded holds up the requests that need its view, and no slot.
final class UndecodedViewTest extends AnsweringFixture {
    private boolean undecoded = true;

    @Test
    void parksTheRequestUntilTheViewIsDecoded() {
        Answering answering = answering(task -> {
            if (undecoded) {
                throw new UndecodedView("orders", "says the test");
            }
            return succeed(task);
        });
        TakenRequest taken = taken();
        for (int i = 0; i < 10; i++) {
            assertThat(answering.turn(taken, false)).isEqualTo(new Turn.Parked(Turn.Cause.UNDECODED_VIEW));
        }
        assertThat(sink.results).isEmpty();

        undecoded = false;
        answer(answering, taken);
        assertThat(sink.only().getStatus()).isEqualTo(RetrievalStatus.SUCCEEDED);
    }

    @Test
    void endsInAnAnswerAfterTheLimit() {
        unreadableLimit = Duration.ZERO;
        answer(
                answering(task -> {
                    throw new UndecodedView("orders", "says the test");
                }),
                taken());

        assertThat(sink.only().getCode()).isEqualTo(Code.ATTEMPTS_EXHAUSTED.name());
        assertThat(sink.only().getMessage()).contains("[view orders]");
    }
}
