package dev.firn.benchmarks.kernels;

import dev.firn.engine.Column;
import dev.firn.engine.FeatureBatch;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.engine.PointInTimeJoin;
import dev.firn.engine.SpineIndex;
import dev.firn.engine.TimeBounds;
import dev.firn.engine.Winners;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// The join without reading: a million feature rows in memory, with keys and times, against a spine. Time per feature
/// row, in nanoseconds of one thread.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ProbeKernel {
    static final int ROWS = 1 << 20;
    private static final int BATCH = 1 << 12;
    private static final int TIMES = 1 << 20;

    @Param({"10000", "1000000"})
    public int spineRows;

    /// Distinct keys of the spine and of the table.
    @Param({"1000000", "229"})
    public int keys;

    long[] spineKeys = new long[0];
    long[] spineTimes = new long[0];
    long[] featureKeys = new long[0];
    long[] featureTimes = new long[0];
    private SpineIndex index = SpineIndex.of(
            List.of((Column) LongColumn.of()), new TimeBounds(new long[0], null, new long[0], Nulls.NONE));

    @Setup
    public void setUp() {
        SplittableRandom random = new SplittableRandom(20_240_101);
        spineKeys = random.longs(spineRows, 0, keys).toArray();
        spineTimes = random.longs(spineRows, 0, TIMES).toArray();
        featureKeys = random.longs(ROWS, 0, keys).toArray();
        featureTimes = random.longs(ROWS, 0, TIMES).toArray();
        long[] earliest = new long[spineRows];
        Arrays.fill(earliest, Long.MIN_VALUE);
        index = SpineIndex.of(
                List.of((Column) new LongColumn(spineKeys, spineRows, Nulls.NONE)),
                new TimeBounds(spineTimes, null, earliest, Nulls.NONE));
    }

    /// A feature row's address is its number.
    @Benchmark
    @OperationsPerInvocation(ROWS)
    public Winners join() {
        PointInTimeJoin join = new PointInTimeJoin(index);
        PointInTimeJoin.Probe probe = join.probe();
        for (int from = 0; from < ROWS; from += BATCH) {
            long[] batchKeys = Arrays.copyOfRange(featureKeys, from, from + BATCH);
            long[] batchTimes = Arrays.copyOfRange(featureTimes, from, from + BATCH);
            probe.accept(new FeatureBatch(
                    BATCH,
                    List.of((Column) new LongColumn(batchKeys, BATCH, Nulls.NONE)),
                    batchTimes,
                    Nulls.NONE,
                    null,
                    Nulls.NONE,
                    from));
        }
        return join.finish();
    }
}
