package dev.firn.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TimesTest {
    @Test
    void readsADeadlineAsATimeOrFromNow() {
        Clock clock = Clock.fixed(Instant.parse("2024-03-01T09:00:00Z"), ZoneOffset.UTC);

        assertThat(Times.deadline("90m", clock)).isEqualTo("2024-03-01T10:30:00Z");
        assertThat(Times.deadline("2024-03-02", clock)).isEqualTo("2024-03-02T00:00:00Z");
        assertThatThrownBy(() -> Times.deadline("later", clock)).isInstanceOf(CommandFailure.class);
    }

    /// Events have microseconds in 64 bits, which end in the year 294247.
    @Test
    void refusesADeadlineThatNoEventCanHave() {
        assertThatThrownBy(() -> Times.deadline("999999999d", Clock.systemUTC()))
                .isInstanceOf(CommandFailure.class);
    }

    @Test
    void waitsAsLongAsAClockCanTell() {
        Duration longest = new Times.DurationConverter().convert("999999999d");

        assertThat(Times.nanos(longest)).isEqualTo(Duration.ofDays(36_525).toNanos());
        assertThat(Times.nanos(Duration.ofSeconds(60))).isEqualTo(60_000_000_000L);
    }

    @ParameterizedTest
    @CsvSource({
        "2592000000000, 30 d",
        "90000000000, 25 h",
        "5400000000, 90 min",
        "90000000, 90 s",
        "1500000, 1500 ms",
        "7, 7 µs"
    })
    void formatsMicrosecondsExactly(long micros, String formatted) {
        assertThat(Times.formatMicros(micros)).isEqualTo(formatted);
    }
}
