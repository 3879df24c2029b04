package dev.firn.gateway.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

final class FiguresTest {
    @Test
    void everyFigureHasItsUnit() {
        assertThat(Figures.count(1234, "rows")).isEqualTo("1,234 rows");
        assertThat(Figures.count(1, "rows")).isEqualTo("1 row");
        assertThat(Figures.bytes(0)).isEqualTo("0 B");
        assertThat(Figures.bytes(1536)).isEqualTo("1.5 KiB");
        assertThat(Figures.bytes(Long.MAX_VALUE)).isEqualTo("8192.0 PiB");
        assertThat(Figures.percent(1, 8)).isEqualTo("12.5 %");
        assertThat(Figures.percent(0, 0)).isEqualTo("–");
    }

    @Test
    void durationsHaveTheirTwoLargestUnits() {
        assertThat(Figures.micros(0)).isEqualTo("0 ms");
        assertThat(Figures.micros(7)).isEqualTo("7 µs");
        assertThat(Figures.millis(350)).isEqualTo("350 ms");
        assertThat(Figures.millis(12_300)).isEqualTo("12.3 s");
        assertThat(Figures.millis(245_000)).isEqualTo("4 min 5 s");
        assertThat(Figures.millis(7_200_000)).isEqualTo("2 h");
        assertThat(Figures.millis(86_400_000L * 3 + 7_200_000)).isEqualTo("3 d 2 h");
        assertThat(Figures.millis(-350)).isEqualTo("−350 ms");
    }

    @Test
    void timesAreAbsoluteWithTheirAgeBeside() {
        Instant now = Instant.parse("2026-11-30T12:00:00Z");

        assertThat(Figures.time(now)).isEqualTo("2026-11-30 12:00:00 UTC");
        assertThat(Figures.relative(now.minusSeconds(5), now)).isEqualTo("5 s ago");
        assertThat(Figures.relative(now.minusSeconds(200), now)).isEqualTo("3 min ago");
        assertThat(Figures.relative(now.minusSeconds(100_000), now)).isEqualTo("27 h ago");
        assertThat(Figures.relative(now.minusSeconds(200_000), now)).isEqualTo("2 d ago");
        assertThat(Figures.relative(now.plusSeconds(30), now)).isEqualTo("in 30 s");
    }
}
