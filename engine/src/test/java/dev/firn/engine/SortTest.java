package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SortTest {
    private static final long SEED = Long.getLong("firn.seed", System.nanoTime());

    @Test
    void sortsRowsByLongsAndKeepsTheOrderOfEquals() {
        for (long seed = SEED; seed < SEED + 200; seed++) {
            Random random = new Random(seed);
            int n = random.nextInt(200);
            int shift = random.nextInt(64);
            long[] keys = random.longs(n).map(key -> key >> shift).toArray();
            int[] rows = IntStream.range(0, n).toArray();
            LongSort.byKey(keys, rows, 0, n);
            assertThat(rows)
                    .as("-Dfirn.seed=%d", seed)
                    .containsExactly(IntStream.range(0, n)
                            .boxed()
                            .sorted(Comparator.comparingLong(row -> keys[row]))
                            .mapToInt(Integer::intValue)
                            .toArray());
        }
    }

    @Test
    void sortsRowsByAllTheirColumns() {
        for (long seed = SEED; seed < SEED + 100; seed++) {
            Random random = new Random(seed);
            int n = random.nextInt(300);
            LongColumn first = LongColumn.of(random.longs(n, -3, 3).toArray());
            LongColumn second = LongColumn.of(random.longs(n, -3, 3).toArray());
            List<KeyOrder> orders = List.of(KeyOrder.LONG, KeyOrder.LONG);
            assertThat(new RowSort(List.of(first, second), orders).sorted(n))
                    .as("-Dfirn.seed=%d", seed)
                    .containsExactly(IntStream.range(0, n)
                            .boxed()
                            .sorted(Comparator.<Integer>comparingLong(row -> first.values()[row])
                                    .thenComparingLong(row -> second.values()[row]))
                            .mapToInt(Integer::intValue)
                            .toArray());
        }
    }
}
