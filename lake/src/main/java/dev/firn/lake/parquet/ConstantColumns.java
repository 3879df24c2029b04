package dev.firn.lake.parquet;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.engine.ObjectColumn;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// Columns that repeat one value.
public final class ConstantColumns {
    private ConstantColumns() {}

    /// @param value in Iceberg's internal representation, possibly of a type from before a promotion
    public static Column of(Type type, @Nullable Object value, int rows) {
        Nulls nulls = value == null && rows > 0 ? Nulls.all(rows) : Nulls.NONE;
        return switch (type.typeId()) {
            case BOOLEAN -> {
                boolean[] values = new boolean[rows];
                Arrays.fill(values, Boolean.TRUE.equals(value));
                yield new BooleanColumn(values, rows, nulls);
            }
            case INTEGER, DATE -> {
                int[] values = new int[rows];
                Arrays.fill(values, value == null ? 0 : ((Number) value).intValue());
                yield new IntColumn(values, rows, nulls);
            }
            case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO -> {
                long[] values = new long[rows];
                Arrays.fill(values, value == null ? 0 : ((Number) value).longValue());
                yield new LongColumn(values, rows, nulls);
            }
            case FLOAT -> {
                float[] values = new float[rows];
                Arrays.fill(values, value == null ? 0 : ((Number) value).floatValue());
                yield new FloatColumn(values, rows, nulls);
            }
            case DOUBLE -> {
                double[] values = new double[rows];
                Arrays.fill(values, value == null ? 0 : ((Number) value).doubleValue());
                yield new DoubleColumn(values, rows, nulls);
            }
            case STRING, BINARY, FIXED, UUID, DECIMAL ->
                repeated(value == null ? new byte[0] : bytes(type, value), rows, nulls);
            case STRUCT, LIST, MAP, VARIANT, UNKNOWN, GEOMETRY, GEOGRAPHY -> {
                @Nullable Object[] values = new @Nullable Object[rows];
                Arrays.fill(values, value);
                yield new ObjectColumn(values, rows, nulls);
            }
        };
    }

    private static Column repeated(byte[] value, int rows, Nulls nulls) {
        int[] offsets = new int[rows + 1];
        byte[] data = new byte[Math.multiplyExact(value.length, rows)];
        for (int i = 0; i < rows; i++) {
            System.arraycopy(value, 0, data, offsets[i], value.length);
            offsets[i + 1] = offsets[i] + value.length;
        }
        return new BytesColumn(data, offsets, rows, nulls);
    }

    /// The bytes of a value as a [BytesColumn] holds them, from Iceberg's internal representation.
    public static byte[] bytes(Type type, Object value) {
        return switch (value) {
            case CharSequence text -> text.toString().getBytes(StandardCharsets.UTF_8);
            case byte[] array -> array;
            case ByteBuffer buffer -> {
                byte[] array = new byte[buffer.remaining()];
                buffer.duplicate().get(array);
                yield array;
            }
            case UUID uuid ->
                ByteBuffer.allocate(16)
                        .putLong(uuid.getMostSignificantBits())
                        .putLong(uuid.getLeastSignificantBits())
                        .array();
            case BigDecimal decimal ->
                decimal.setScale(((Types.DecimalType) type).scale())
                        .unscaledValue()
                        .toByteArray();
            default ->
                throw new IllegalArgumentException(
                        "expected a value of type %s, got %s".formatted(type, value.getClass()));
        };
    }
}
