package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class JoinMemoryTest {
    private static final int ROWS = 100_000;

    @Test
    void coversWhatAnIndexAndItsJoinRetain() {
        LongColumn keys = LongColumn.of(new Random(5).longs(ROWS).toArray());
        assertThat(retainedBytes(List.of(keys))).isBetween(ROWS * 60L, ROWS * JoinMemory.joinBytesPerRow(1));
    }

    @Test
    void estimatesWhatFurtherKeyColumnsRetain() {
        LongColumn keys = LongColumn.of(new Random(6).longs(ROWS).toArray());
        assertThat(retainedBytes(List.of(keys, keys)))
                .isBetween(ROWS * 90L, ROWS * JoinMemory.joinBytesPerRow(2) * 5 / 4);
    }

    private static long retainedBytes(List<Column> keys) {
        long[] latest = new long[ROWS];
        long[] earliest = new long[ROWS];
        Arrays.fill(earliest, Long.MIN_VALUE);
        SpineIndex index = SpineIndex.of(keys, new TimeBounds(latest, null, earliest, Nulls.NONE));
        PointInTimeJoin join = new PointInTimeJoin(index);
        List<Column> none = keys.stream().map(key -> (Column) LongColumn.of()).toList();
        join.probe().accept(new FeatureBatch(0, none, new long[0], Nulls.NONE, new long[0], Nulls.NONE, 0));
        long boundBytes = 2L * Long.BYTES * ROWS;
        return boundBytes + index.retainedBytes() + join.retainedBytes();
    }
}
