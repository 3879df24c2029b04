package dev.firn.retrieval.job.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.engine.ObjectColumn;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SameValuesTest {
    private static final double OTHER_NAN = Double.longBitsToDouble(0x7ff8000000000001L);

    private static BitSet differing(Column now, Column then) {
        BitSet marks = new BitSet();
        SameValues.markDiffering(now, IntStream.range(0, now.size()).toArray(), 0, then, marks);
        return marks;
    }

    private static BitSet rows(int... rows) {
        BitSet marks = new BitSet();
        Arrays.stream(rows).forEach(marks::set);
        return marks;
    }

    @Test
    void comparesNumbersByTheirBits() {
        double[] now = {1.5, Double.NaN, 0.0, Double.NaN, 2};
        double[] then = {1.5, Double.NaN, -0.0, OTHER_NAN, 3};
        assertThat(differing(new DoubleColumn(now, 5, Nulls.NONE), new DoubleColumn(then, 5, Nulls.NONE)))
                .isEqualTo(rows(2, 3, 4));
        float[] one = {Float.NaN, 0f, 1f};
        float[] other = {Float.NaN, -0f, 1f};
        assertThat(differing(new FloatColumn(one, 3, Nulls.NONE), new FloatColumn(other, 3, Nulls.NONE)))
                .isEqualTo(rows(1));
    }

    @Test
    void tellsNullFromValuesAndNotFromNull() {
        Nulls second = new Nulls.Builder(3).set(1).build();
        Nulls lastTwo = new Nulls.Builder(3).set(1).set(2).build();
        assertThat(differing(
                        new LongColumn(new long[] {7, 1, 0}, 3, second),
                        new LongColumn(new long[] {7, 2, 0}, 3, lastTwo)))
                .isEqualTo(rows(2));
    }

    @Test
    void comparesRowsOfAColumnWithThoseThatWereRead() {
        BitSet marks = new BitSet();
        SameValues.markDiffering(
                BytesColumn.ofStrings("a", "b", "", "dd"),
                new int[] {9, 1, 2, 3},
                1,
                BytesColumn.ofStrings("b", "x", "d"),
                marks);
        assertThat(marks).isEqualTo(rows(2, 3));
    }

    @Test
    void comparesNestedValues() {
        Map<String, Integer> map = new LinkedHashMap<>(Map.of("a", 1));
        map.put("b", 2);
        Map<String, Integer> turned = new LinkedHashMap<>(Map.of("b", 2));
        turned.put("a", 1);
        Object[] now = {
            List.of(1.5, Double.NaN),
            Arrays.asList("x", null),
            map,
            struct(1, 0.0),
            ByteBuffer.wrap(new byte[] {1, 2}),
            new BigDecimal("1.0")
        };
        Object[] then = {
            List.of(1.5, Double.NaN),
            Arrays.asList("x", null),
            new LinkedHashMap<>(map),
            struct(1, 0.0),
            new byte[] {1, 2},
            new BigDecimal("1.0")
        };
        Object[] other = {
            List.of(1.5), Arrays.asList("x", "y"), turned, struct(1, -0.0), new byte[] {1}, new BigDecimal("1.00")
        };
        assertThat(differing(objects(now), objects(then))).isEqualTo(rows());
        assertThat(differing(objects(now), objects(other))).isEqualTo(rows(0, 1, 2, 3, 4, 5));
        assertThat(differing(objects(List.of(Double.NaN)), objects(List.of(OTHER_NAN))))
                .isEqualTo(rows(0));
    }

    private static Column objects(@Nullable Object... values) {
        return new ObjectColumn(values, values.length, Nulls.NONE);
    }

    private static Record struct(int number, double part) {
        Record struct = GenericRecord.create(new Schema(
                NestedField.optional(1, "number", Types.IntegerType.get()),
                NestedField.optional(2, "part", Types.DoubleType.get())));
        struct.set(0, number);
        struct.set(1, part);
        return struct;
    }
}
