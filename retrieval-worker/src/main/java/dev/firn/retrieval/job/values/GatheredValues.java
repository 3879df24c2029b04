package dev.firn.retrieval.job.values;

import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import dev.firn.lake.parquet.ColumnParts;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ConstantColumns;
import dev.firn.lake.scan.GatherSink;
import dev.firn.retrieval.spine.Columns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.apache.iceberg.types.Types.NestedField;

/// The values that one view found for a slice, handed out in the spine's order.
///
/// Values arrive once per distinct winner, in parts of row groups. Within a part they are in the order of the winners'
/// numbers; the parts come in any order, from several threads. If they fit in memory, [#finish] concatenates them. If
/// not, everything gathered so far goes to a file ([SpilledValues]), and the rest follows in further files.
///
/// *Ownership:* until [#finish], `this` guards all fields. After it, one thread asks for rows. The only exception is
/// `winnerBytes`, to which each thread adds the winners of its own part.
public final class GatheredValues implements GatherSink, AutoCloseable {
    /// One array holds little more than twice this.
    private static final long MAX_COLUMN_BYTES = 1L << 30;

    private static final Column RELEASED = LongColumn.of();

    private final List<NestedField> fields;
    private final int[] order;
    private final WinnerBytes winnerBytes;
    private final ValueMemory.Share memory;
    private final SpilledValues spilled;
    private final TreeMap<Integer, List<Column>> parts = new TreeMap<>();
    private final long[] columnBytes;
    /// Of `parts`, as `columnBytes` is by column.
    private long partBytes;

    /// What the parts hold of `memory`. Parts below the smallest spill may hold nothing.
    private long reserved;

    /// Of all parts, spilled ones included.
    private long bytes;

    private long rows;
    private List<Column> columns = List.of();

    /// @param order for each row of the slice the number of its winner, or -1
    public GatheredValues(
            List<NestedField> fields, int[] order, int winners, ValueMemory.Share memory, ColumnTasks tasks) {
        this.fields = List.copyOf(fields);
        this.order = order;
        this.winnerBytes = new WinnerBytes(order, winners);
        this.memory = memory;
        this.spilled = new SpilledValues(fields, order, winnerBytes, tasks);
        this.columnBytes = new long[fields.size()];
    }

    @Override
    public void accept(int first, List<Column> part) {
        long[] each = part.stream().mapToLong(column -> bytes(first, column)).toArray();
        // finish() concatenates column by column, so one column is in memory twice
        long needed = Arrays.stream(each).sum() + Arrays.stream(each).max().orElse(0);
        synchronized (this) {
            boolean fits = fits(each) && memory.reserve(needed);
            if (!fits && partBytes >= memory.minSpillBytes()) {
                spill();
                fits = memory.reserve(needed);
            }
            parts.put(first, part);
            rows += part.getFirst().size();
            for (int c = 0; c < each.length; c++) {
                columnBytes[c] += each[c];
                partBytes += each[c];
                bytes += each[c];
            }
            if (fits) {
                reserved += needed;
            } else if (partBytes >= memory.minSpillBytes()) {
                spill();
            }
        }
    }

    /// Adds the column's bytes to those of its winners, and returns the sum.
    private long bytes(int first, Column column) {
        long sum = 0;
        for (int i = 0; i < column.size(); i++) {
            long one = Columns.bytes(column, i);
            winnerBytes.add(first + i, one);
            sum += one;
        }
        return sum;
    }

    private boolean fits(long[] each) {
        for (int c = 0; c < each.length; c++) {
            if (columnBytes[c] + each[c] > MAX_COLUMN_BYTES) {
                return false;
            }
        }
        return true;
    }

    private void spill() {
        if (!parts.isEmpty()) {
            spilled.add(parts, bytesPerRow());
            parts.clear();
            Arrays.fill(columnBytes, 0);
            partBytes = 0;
            memory.release(reserved);
            reserved = 0;
        }
    }

    /// Call this after the last part. Rows can be asked for from then on.
    public synchronized void finish() {
        if (spilled.hasFiles()) {
            spill();
            return;
        }
        List<Column> joined = new ArrayList<>();
        for (int c = 0; c < fields.size(); c++) {
            List<Column> ofField = new ArrayList<>();
            for (var part : parts.entrySet()) {
                ofField.add(part.getValue().get(c));
                part.setValue(without(part.getValue(), c));
            }
            joined.add(
                    ofField.isEmpty()
                            ? ConstantColumns.of(fields.get(c).type(), null, 0)
                            : ColumnParts.concatenated(ofField));
        }
        columns = joined;
        parts.clear();
    }

    /// Drops a column that has been concatenated, so that it can be collected.
    private static List<Column> without(List<Column> part, int c) {
        List<Column> rest = new ArrayList<>(part);
        rest.set(c, RELEASED);
        return rest;
    }

    private long bytesPerRow() {
        return rows == 0 ? 0 : bytes / rows;
    }

    /// Where the rows from `from` on must end so that their values take at most `maxBytes`. At most `limit`, and at
    /// least one row.
    public int end(int from, int limit, long maxBytes) {
        int end = winnerBytes.end(from, limit, maxBytes);
        return spilled.hasFiles() ? Math.min(end, spilled.end(from)) : end;
    }

    /// The rows `from` to `to` (exclusive), a range that [#end] returned. Ranges must ascend; the next call invalidates
    /// the chunk.
    public Chunk rows(int from, int to) {
        if (spilled.hasFiles()) {
            return spilled.rows(from, to);
        }
        int[] wanted = Arrays.copyOfRange(order, from, to);
        return field -> columns.get(field).take(wanted);
    }

    /// Some rows of a slice. Thread-safe.
    public interface Chunk {
        /// @param field index in the gathered fields
        Column column(int field);
    }

    boolean isSpilled() {
        return spilled.hasFiles();
    }

    @Override
    public synchronized void close() {
        memory.release(reserved);
        reserved = 0;
        spilled.close();
    }
}
