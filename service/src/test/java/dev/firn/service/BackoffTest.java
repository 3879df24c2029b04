package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofMillis(350));

    @Test
    void doublesUpToTheLongestPause() {
        Backoff.Pauses pauses = backoff.pauses();

        assertThat(pauses.next()).hasMillis(100);
        assertThat(pauses.next()).hasMillis(200);
        assertThat(pauses.next()).hasMillis(350);
        assertThat(pauses.next()).hasMillis(350);
        pauses.reset();
        assertThat(pauses.next()).hasMillis(100);
    }

    @Test
    void neverOverflows() {
        assertThat(backoff.pauseMillis(Integer.MAX_VALUE)).isEqualTo(350);
        Backoff.Pauses pauses = backoff.pauses();
        for (int i = 0; i < 100; i++) {
            assertThat(pauses.next()).isPositive();
        }
    }

    @Test
    void refusesALongestPauseBelowTheFirst() {
        assertThatThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessage("the longest pause must be at least the first, PT2S, got PT1S");
    }
}
