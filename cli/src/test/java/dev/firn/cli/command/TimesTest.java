package dev.firn.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TimesTest {
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
