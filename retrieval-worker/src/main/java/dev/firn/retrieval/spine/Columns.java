package dev.firn.retrieval.spine;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.ColumnBuilder;
import dev.firn.engine.DictionaryColumn;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.ObjectColumn;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.types.Type;

/// Columns by Iceberg type.
public final class Columns {
    /// Rows for which a builder of rows that arrive one by one has room at first.
    static final int FIRST_ROWS = 16;

    private static final int MAX_CHUNK_ROWS = 1 << 14;
    private static final int MAX_CHUNK_CELLS = 1 << 21;

    private Columns() {}

    /// The most rows of a chunk with so many columns: even without values each cell takes some bytes.
    static int chunkRows(int columns) {
        return Math.clamp(MAX_CHUNK_CELLS / Math.max(1, columns), 1, MAX_CHUNK_ROWS);
    }

    /// What was built, in arrays that are no larger than it: chunks are kept, and counted by their values.
    static List<Column> built(List<ColumnBuilder> builders, int rows) {
        int[] all = range(0, rows);
        return builders.stream().map(builder -> builder.build().take(all)).toList();
    }

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

    /// A column that contains only nulls.
    public static Column nulls(Type type, int rows) {
        ColumnBuilder builder = builder(type, rows);
        for (int i = 0; i < rows; i++) {
            builder.appendNull();
        }
        return builder.build();
    }

    /// Rows `from` (inclusive) to `to` (exclusive).
    public static int[] range(int from, int to) {
        int[] rows = new int[to - from];
        Arrays.setAll(rows, i -> from + i);
        return rows;
    }

    /// Approximate size of a column in memory.
    public static long bytes(Column column) {
        return switch (column) {
            case BooleanColumn _ -> column.size();
            case IntColumn _, FloatColumn _ -> 4L * column.size();
            case LongColumn _, DoubleColumn _ -> 8L * column.size();
            case BytesColumn bytes -> 4L * column.size() + bytes.offsets()[bytes.size()] - bytes.offsets()[0];
            case DictionaryColumn strings -> bytes(strings.expanded());
            case ObjectColumn objects -> {
                long bytes = 0;
                for (int row = 0; row < objects.size(); row++) {
                    bytes += NestedBytes.of(objects.values()[row]);
                }
                yield bytes;
            }
        };
    }

    /// Approximate size of one row's value in memory.
    public static long bytes(Column column, int row) {
        return switch (column) {
            case BooleanColumn _ -> 1;
            case IntColumn _, FloatColumn _ -> 4;
            case LongColumn _, DoubleColumn _ -> 8;
            case BytesColumn bytes -> 4L + bytes.offsets()[row + 1] - bytes.offsets()[row];
            case DictionaryColumn _ ->
                throw new IllegalArgumentException("a dictionary column has no values of its own");
            case ObjectColumn objects -> NestedBytes.of(objects.values()[row]);
        };
    }
}
