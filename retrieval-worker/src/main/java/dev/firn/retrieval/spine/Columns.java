package dev.firn.retrieval.spine;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.ColumnBuilder;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.engine.ObjectColumn;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/// Columns by Iceberg type: which kind holds it, how several become one.
public final class Columns {
    private static final int OBJECT_BYTES = 64;

    private Columns() {}

    static ColumnBuilder builder(Type type, int rows) {
        return switch (type.typeId()) {
            case BOOLEAN -> new BooleanColumn.Builder(rows);
            case INTEGER, DATE -> new IntColumn.Builder(rows);
            case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO -> new LongColumn.Builder(rows);
            case FLOAT -> new FloatColumn.Builder(rows);
            case DOUBLE -> new DoubleColumn.Builder(rows);
            case STRING, BINARY, FIXED, UUID, DECIMAL -> new BytesColumn.Builder(rows);
            default -> new ObjectColumn.Builder(rows);
        };
    }

    /// A column of nothing but nulls.
    public static Column nulls(Type type, int rows) {
        ColumnBuilder builder = builder(type, rows);
        for (int i = 0; i < rows; i++) {
            builder.appendNull();
        }
        return builder.build();
    }

    /// The rows of one column after those of another; all are of one kind.
    public static Column concat(List<Column> parts) {
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        int size = Math.toIntExact(parts.stream().mapToLong(Column::size).sum());
        Nulls nulls = concatNulls(parts, size);
        return switch (parts.getFirst()) {
            case BooleanColumn _ -> {
                boolean[] values = new boolean[size];
                copy(parts, values, part -> ((BooleanColumn) part).values());
                yield new BooleanColumn(values, size, nulls);
            }
            case IntColumn _ -> {
                int[] values = new int[size];
                copy(parts, values, part -> ((IntColumn) part).values());
                yield new IntColumn(values, size, nulls);
            }
            case LongColumn _ -> {
                long[] values = new long[size];
                copy(parts, values, part -> ((LongColumn) part).values());
                yield new LongColumn(values, size, nulls);
            }
            case FloatColumn _ -> {
                float[] values = new float[size];
                copy(parts, values, part -> ((FloatColumn) part).values());
                yield new FloatColumn(values, size, nulls);
            }
            case DoubleColumn _ -> {
                double[] values = new double[size];
                copy(parts, values, part -> ((DoubleColumn) part).values());
                yield new DoubleColumn(values, size, nulls);
            }
            case ObjectColumn _ -> {
                @Nullable Object[] values = new @Nullable Object[size];
                copy(parts, values, part -> ((ObjectColumn) part).values());
                yield new ObjectColumn(values, size, nulls);
            }
            case BytesColumn _ -> concatBytes(parts, size, nulls);
        };
    }

    private interface Values {
        Object of(Column part);
    }

    @SuppressWarnings("SuspiciousSystemArraycopy")
    private static void copy(List<Column> parts, Object target, Values values) {
        int at = 0;
        for (Column part : parts) {
            System.arraycopy(values.of(part), 0, target, at, part.size());
            at += part.size();
        }
    }

    private static BytesColumn concatBytes(List<Column> parts, int size, Nulls nulls) {
        long total = 0;
        for (Column part : parts) {
            BytesColumn bytes = (BytesColumn) part;
            total += bytes.offsets()[bytes.size()] - bytes.offsets()[0];
        }
        byte[] data = new byte[Math.toIntExact(total)];
        int[] offsets = new int[size + 1];
        int row = 0;
        int at = 0;
        for (Column part : parts) {
            BytesColumn bytes = (BytesColumn) part;
            int first = bytes.offsets()[0];
            for (int i = 0; i < bytes.size(); i++) {
                offsets[row++] = at + bytes.offsets()[i] - first;
            }
            int length = bytes.offsets()[bytes.size()] - first;
            System.arraycopy(bytes.data(), first, data, at, length);
            at += length;
        }
        offsets[size] = at;
        return new BytesColumn(data, offsets, size, nulls);
    }

    private static Nulls concatNulls(List<Column> parts, int size) {
        Nulls.Builder builder = new Nulls.Builder(size);
        int at = 0;
        for (Column part : parts) {
            if (part.nulls().any()) {
                for (int i = 0; i < part.size(); i++) {
                    if (part.isNull(i)) {
                        builder.set(at + i);
                    }
                }
            }
            at += part.size();
        }
        return builder.build();
    }

    /// Rows `from` (inclusive) to `to` (exclusive).
    public static int[] range(int from, int to) {
        int[] rows = new int[to - from];
        Arrays.setAll(rows, i -> from + i);
        return rows;
    }

    /// About what a column takes in memory; nested values are guessed.
    public static long bytes(Column column) {
        return switch (column) {
            case BooleanColumn _ -> column.size();
            case IntColumn _, FloatColumn _ -> 4L * column.size();
            case LongColumn _, DoubleColumn _ -> 8L * column.size();
            case BytesColumn bytes -> 4L * column.size() + bytes.offsets()[bytes.size()] - bytes.offsets()[0];
            case ObjectColumn _ -> (long) OBJECT_BYTES * column.size();
        };
    }
}
