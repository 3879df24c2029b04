package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Threads compete for the same few slots with rows that differ only in their address. The greatest address comes once,
/// at any moment, and no later row makes up for losing it. Without the stripes' locks, some round loses one.
final class PointInTimeJoinRaceTest {
    private static final int THREADS = 2;
    private static final int SLOTS = 8;
    private static final int ROWS = 2_048;
    private static final int BATCHES = 16;
    private static final int ROUNDS = 150;

    @Test
    void losesNoRowOfAnyThread() throws Exception {
        long[] times = LongStream.range(0, SLOTS).toArray();
        long[] earliest = new long[SLOTS];
        Arrays.fill(earliest, Long.MIN_VALUE);
        SpineIndex index = SpineIndex.of(
                List.of((Column) LongColumn.of(new long[SLOTS])), new TimeBounds(times, null, earliest, Nulls.NONE));
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (int round = 0; round < ROUNDS; round++) {
                SplittableRandom random = new SplittableRandom(round);
                long[] greatest = new long[SLOTS];
                List<List<FeatureBatch>> work = new ArrayList<>();
                for (int thread = 0; thread < THREADS; thread++) {
                    work.add(batches(random, thread, greatest));
                }
                PointInTimeJoin join = new PointInTimeJoin(index);
                CyclicBarrier together = new CyclicBarrier(THREADS);
                List<Future<Void>> running = new ArrayList<>();
                for (List<FeatureBatch> own : work) {
                    running.add(threads.submit(() -> {
                        PointInTimeJoin.Probe probe = join.probe();
                        together.await();
                        own.forEach(probe::accept);
                        return null;
                    }));
                }
                for (Future<Void> thread : running) {
                    thread.get();
                }
                Winners winners = join.finish();
                for (int slot = 0; slot < SLOTS; slot++) {
                    assertThat(winners.address(slot))
                            .as("round %d, slot %d", round, slot)
                            .isEqualTo(greatest[slot]);
                }
            }
        }
    }

    private static List<FeatureBatch> batches(SplittableRandom random, int thread, long[] greatest) {
        List<FeatureBatch> batches = new ArrayList<>();
        for (int batch = 0; batch < BATCHES; batch++) {
            long[] slots = random.longs(ROWS, 0, SLOTS).toArray();
            long[] addresses = new long[ROWS];
            for (int row = 0; row < ROWS; row++) {
                addresses[row] = RowAddress.of(0, 2 * random.nextLong(1L << 30) + thread);
                int slot = (int) slots[row];
                greatest[slot] = Math.max(greatest[slot], addresses[row]);
            }
            batches.add(new FeatureBatch(
                    ROWS,
                    List.of((Column) LongColumn.of(new long[ROWS])),
                    slots,
                    Nulls.NONE,
                    null,
                    Nulls.NONE,
                    addresses));
        }
        return batches;
    }
}
