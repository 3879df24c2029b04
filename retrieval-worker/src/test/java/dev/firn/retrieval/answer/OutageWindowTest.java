package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.retrieval.job.Progress;
import dev.firn.retrieval.job.Stage;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class OutageWindowTest {
    private long nanos = TimeUnit.HOURS.toNanos(1);
    private final OutageWindow window = new OutageWindow(Duration.ofMinutes(15), 3, () -> nanos);

    @Test
    void beginsWithTheFirstFault() {
        pass(60);
        assertThat(window.allowsAnotherTry()).isTrue();
        pass(14);
        assertThat(window.allowsAnotherTry()).isTrue();
        pass(1);
        assertThat(window.allowsAnotherTry()).isFalse();
    }

    @Test
    void beginsAnewAfterProgress() {
        assertThat(window.allowsAnotherTry()).isTrue();
        pass(14);
        progress(1);
        assertThat(window.allowsAnotherTry()).isTrue();
        pass(14);
        assertThat(window.allowsAnotherTry()).isTrue();
    }

    /// A stage is announced before anything was read.
    @Test
    void aStageThatBeginsIsNoProgress() {
        assertThat(window.allowsAnotherTry()).isTrue();
        pass(14);
        progress(0);
        assertThat(window.allowsAnotherTry()).isTrue();
        pass(1);
        assertThat(window.allowsAnotherTry()).isFalse();
    }

    @Test
    void limitsTheTriesThatFailAfterProgress() {
        for (int i = 0; i < 2; i++) {
            progress(1);
            assertThat(window.allowsAnotherTry()).isTrue();
        }
        progress(1);
        assertThat(window.allowsAnotherTry()).isFalse();
    }

    private void pass(int minutes) {
        nanos += TimeUnit.MINUTES.toNanos(minutes);
    }

    private void progress(long done) {
        window.watching(Progress.NONE).report(Stage.JOIN, "orders", done, 2, "files");
    }
}
