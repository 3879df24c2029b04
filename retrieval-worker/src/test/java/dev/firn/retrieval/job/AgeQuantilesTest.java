package dev.firn.retrieval.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AgeQuantilesTest {
    @Test
    void areExactForAsManyAgesAsThereAreSamples() {
        AgeQuantiles ages = new AgeQuantiles(1_000);
        for (int i = 1_000; i > 0; i--) {
            ages.add(i);
        }

        assertThat(ages.quantiles())
                .isEqualTo(Map.of("p0", 1L, "p50", 500L, "p90", 900L, "p99", 990L, "p100", 1_000L))
                .isEqualTo(ages.quantiles());
        assertThat(new AgeQuantiles(1_000).quantiles()).isEmpty();
    }

    @Test
    void ofMoreAgesAreThoseOfARegularSample() {
        AgeQuantiles ages = new AgeQuantiles(1_000);
        for (int i = 0; i < 1_000_000; i++) {
            ages.add(i * 7_919L % 1_000_003);
        }

        Map<String, Long> quantiles = ages.quantiles();
        assertThat(quantiles.get("p50")).isBetween(450_000L, 550_000L);
        assertThat(quantiles.get("p90")).isBetween(870_000L, 930_000L);
        assertThat(quantiles.get("p0")).isZero();
    }

    @Test
    void takeNoMoreMemoryThanIsCounted() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int rows : new int[] {1_000, 40_000, 65_536, 200_000}) {
            long before = threads.getCurrentThreadAllocatedBytes();
            AgeQuantiles ages = new AgeQuantiles(65_536);
            for (int i = 0; i < rows; i++) {
                ages.add(i % 1_000);
            }
            ages.quantiles();
            // what was replaced while it grew is garbage: as much again as the last array at most
            assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                    .isLessThan(2 * AgeQuantiles.bytes(rows, 65_536) + (64 << 10));
        }
    }

    @Test
    void ofAllViewsTakeASmallPartOfTheBudget() {
        long budget = 1L << 30;
        for (int views : new int[] {1, 2, 50}) {
            int samples = AgeQuantiles.maxSamples(budget, views);
            assertThat(views * AgeQuantiles.bytes(Long.MAX_VALUE, samples)).isBetween(16L << 20, budget / 32);
        }
        assertThat(AgeQuantiles.maxSamples(1L << 40, 1)).isEqualTo(AgeQuantiles.MAX_SAMPLES);
        assertThat(AgeQuantiles.maxSamples(1, 50)).isPositive();
    }
}
