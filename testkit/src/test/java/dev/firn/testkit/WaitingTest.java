package dev.firn.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class WaitingTest {
    @Test
    void returnsAsSoonAsTheConditionIsTrue() {
        AtomicInteger asked = new AtomicInteger();
        Waiting.until(Duration.ofSeconds(5), () -> asked.incrementAndGet() == 3, "third time");
        assertThat(asked).hasValue(3);
    }

    @Test
    void saysWhatItWaitedForAndWhyItFailed() {
        IllegalStateException reason = new IllegalStateException("not there");
        assertThatThrownBy(() -> Waiting.until(
                        Duration.ofMillis(50),
                        () -> {
                            throw reason;
                        },
                        "the moon"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the moon")
                .hasCause(reason);
    }
}
