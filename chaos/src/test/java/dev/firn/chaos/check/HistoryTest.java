package dev.firn.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Each check finds nothing in a sound history, and what is wrong in a broken one.
final class HistoryTest {
    private static final List<Asked> ASKED =
            List.of(new Asked("a", "view", 0, 3), new Asked("b", "view", 0, 4), new Asked("c", "other", 0, 5));
    private static final Answer A = new Answer("a", "view", "registered", 1, 0, 10);
    private static final Answer B = new Answer("b", "view", "updated", 2, 0, 11);
    private static final Answer C = new Answer("c", "other", "registered", 1, 0, 12);

    @Test
    void findsNothingWrongWithASoundHistory() {
        History sound = history(C, A, B);
        assertThat(sound.lost()).isEmpty();
        assertThat(sound.answeredDifferently()).isEmpty();
        assertThat(sound.unasked()).isEmpty();
        assertThat(sound.answeredTwice()).isEmpty();
        assertThat(sound.outOfOrder()).isEmpty();
        assertThat(sound.versionsWithGapsOrRepeats()).isEmpty();
        assertThat(sound.committedUnanswered(Map.of(0, 6L))).isEmpty();
    }

    @Test
    void findsALostAnswer() {
        assertThat(history(A, C).lost()).containsExactly("request 'b' has no answer");
    }

    @Test
    void findsAnswersThatDiffer() {
        Answer again = new Answer("a", "view", "failed", 0, 0, 20);
        assertThat(history(A, B, C, again).answeredDifferently())
                .containsExactly("request 'a' has 2 different answers: [registered, failed]");
        Answer same = new Answer("a", "view", "registered", 1, 0, 20);
        assertThat(history(A, B, C, same).answeredDifferently()).isEmpty();
        assertThat(history(A, B, C, same).answeredTwice()).containsExactly("request 'a' has 2 answers");
    }

    @Test
    void findsAnAnswerNobodyAskedFor() {
        assertThat(history(A, B, C, new Answer("x", "view", "", 0, 0, 20)).unasked())
                .containsExactly("answer 'x' belongs to no request");
    }

    @Test
    void findsAnswersOutOfOrder() {
        Answer late = new Answer("a", "view", "registered", 1, 0, 20);
        assertThat(history(late, B, C).outOfOrder())
                .containsExactly("key 'view' was answered in the order [b, a], asked in [a, b]");
    }

    @Test
    void findsGapsAndRepeatsOfVersions() {
        assertThat(history(A, new Answer("b", "view", "updated", 3, 0, 11)).versionsWithGapsOrRepeats())
                .containsExactly("key 'view' goes from version 1 to 3");
        assertThat(history(A, new Answer("b", "view", "updated", 1, 0, 11)).versionsWithGapsOrRepeats())
                .containsExactly("key 'view' goes from version 1 to 1");
    }

    @Test
    void findsACommittedOffsetBeyondAnUnansweredRequest() {
        assertThat(history(A, C).committedUnanswered(Map.of(0, 5L)))
                .containsExactly("request 'b' at 0@4 is below the committed offset 5 and has no answer");
        assertThat(history(A, C).committedUnanswered(Map.of(0, 4L))).isEmpty();
    }

    private static History history(Answer... answers) {
        return new History(ASKED, List.of(answers));
    }
}
