package dev.firn.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class RestartLimitTest {
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

    private final RestartLimit limit = new RestartLimit();

    @Test
    void doublesThePauseAndEndsAtTheLimit() {
        for (int i = 0; i < RestartLimit.MAX_RESTARTS; i++) {
            assertThat(limit.next("s3", START.plusSeconds(i))).contains(RestartLimit.FIRST_PAUSE.multipliedBy(1L << i));
        }
        assertThat(limit.next("s3", START.plusSeconds(10))).isEmpty();
    }

    @Test
    void countsEachPartByItself() {
        for (int i = 0; i < RestartLimit.MAX_RESTARTS; i++) {
            assertThat(limit.next("s3", START)).isPresent();
        }
        assertThat(limit.next("broker", START)).contains(RestartLimit.FIRST_PAUSE);
    }

    @Test
    void forgetsRestartsThatAreLongPast() {
        for (int i = 0; i < RestartLimit.MAX_RESTARTS; i++) {
            assertThat(limit.next("s3", START)).isPresent();
        }
        Instant later = START.plus(RestartLimit.WINDOW);
        assertThat(limit.next("s3", later.minusMillis(1))).isEmpty();
        assertThat(limit.next("s3", later)).contains(Duration.ofMillis(500));
    }
}
