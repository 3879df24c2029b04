package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.engine.FeatureBatch;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.engine.RowAddress;
import dev.firn.lake.parquet.ColumnCursor;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.ParquetFile;
import dev.firn.lake.parquet.ReadBuffers;
import dev.firn.lake.parquet.RowRanges;
import dev.firn.lake.parquet.WantedRows;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Turns row groups into batches of live rows; one per reader thread, for its scratch arrays.
final class RowGroupStream implements Closeable {
    private final FeatureColumns columns;
    private final TimeColumn time;
    private final @Nullable TimeColumn created;
    private final Consumer<FeatureBatch> sink;
    private final BooleanSupplier cancelled;
    private final ScanPlan plan;
    private final int batchRows;
    private final long[] times;
    private final long[] createdTimes;
    private final long[] addresses;
    private final boolean[] deleted;
    private final int[] live;
    private final ReadBuffers buffers = new ReadBuffers();

    RowGroupStream(
            FeatureColumns columns,
            TimeColumn time,
            @Nullable TimeColumn created,
            Consumer<FeatureBatch> sink,
            BooleanSupplier cancelled,
            ScanPlan plan,
            int batchRows) {
        this.columns = columns;
        this.time = time;
        this.created = created;
        this.sink = sink;
        this.cancelled = cancelled;
        this.plan = plan;
        this.batchRows = batchRows;
        times = new long[batchRows];
        createdTimes = new long[created == null ? 0 : batchRows];
        addresses = new long[batchRows];
        deleted = new boolean[batchRows];
        live = new int[batchRows];
    }

    void read(
            ParquetFile file,
            int rowGroup,
            int ordinal,
            long firstPosition,
            Map<Integer, FileColumn> bound,
            FileDeletes deletes,
            RowGroupFilter filter) {
        RowRanges wanted = filter.rows(file, rowGroup, buffers);
        if (wanted.isEmpty()) {
            return;
        }
        plan.rowGroupsRead.increment();
        WantedRows rows = wanted.rows() == file.rowGroups().get(rowGroup).getRowCount() ? null : wanted;
        buffers.shareAmong(bound.size());
        Map<Integer, ColumnCursor> cursors = new LinkedHashMap<>();
        try {
            Set<Integer> compared =
                    deletes.fields().stream().map(NestedField::fieldId).collect(Collectors.toSet());
            bound.forEach((id, column) -> cursors.put(
                    id,
                    columns.keyFieldIds().contains(id) && !compared.contains(id)
                            ? file.keyCursor(rowGroup, column, buffers, rows)
                            : file.cursor(rowGroup, column, buffers, rows)));
            long at = 0;
            for (int range = 0; range < wanted.size(); range++) {
                for (ColumnCursor cursor : cursors.values()) {
                    cursor.skip(wanted.start(range) - at);
                }
                for (at = wanted.start(range); at < wanted.end(range); ) {
                    int size = (int) Math.min(batchRows, wanted.end(range) - at);
                    read(cursors, size);
                    emit(size, ordinal, firstPosition + at, cursors, deletes);
                    at += size;
                }
            }
        } finally {
            cursors.values().forEach(ColumnCursor::close);
        }
    }

    private void read(Map<Integer, ColumnCursor> cursors, int size) {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("the scan was cancelled");
        }
        for (ColumnCursor cursor : cursors.values()) {
            cursor.clear();
            cursor.read(size);
        }
    }

    @Override
    public void close() {
        buffers.close();
    }

    private void emit(int size, int ordinal, long position, Map<Integer, ColumnCursor> cursors, FileDeletes deletes) {
        Map<Integer, Column> values = new LinkedHashMap<>();
        cursors.forEach((id, cursor) -> values.put(id, cursor.view()));
        Column timeColumn = values.get(columns.timestampFieldId());
        if (timeColumn == null) {
            throw new IllegalStateException("the timestamp column was not read");
        }
        int rows = liveRows(size, position, values, deletes, timeColumn.nulls());
        plan.rowsScanned.add(size);
        if (rows == 0) {
            return;
        }
        List<Column> keys = new ArrayList<>();
        for (int id : columns.keyFieldIds()) {
            keys.add(KeyTypes.normalised(selected(values.get(id), rows, size)));
        }
        long[] instants = time.instants(timeColumn, rows, size, live, times);
        long address = RowAddress.of(ordinal, position);
        long[] createdInstants = null;
        Nulls createdNulls = Nulls.NONE;
        if (created != null && columns.createdFieldId() != null) {
            Column createdColumn = selected(values.get(columns.createdFieldId()), rows, size);
            createdInstants = created.instants(createdColumn, rows, rows, live, createdTimes);
            createdNulls = createdColumn.nulls();
        }
        if (rows == size) {
            sink.accept(new FeatureBatch(rows, keys, instants, Nulls.NONE, createdInstants, createdNulls, address));
            return;
        }
        for (int i = 0; i < rows; i++) {
            addresses[i] = address + live[i];
        }
        sink.accept(new FeatureBatch(rows, keys, instants, Nulls.NONE, createdInstants, createdNulls, addresses));
    }

    private Column selected(@Nullable Column column, int rows, int size) {
        if (column == null) {
            throw new IllegalStateException("a column was not read");
        }
        return rows == size ? column : column.take(Arrays.copyOf(live, rows));
    }

    /// Fills `live` unless every row is.
    private int liveRows(int size, long position, Map<Integer, Column> values, FileDeletes deletes, Nulls withoutTime) {
        if (deletes.isEmpty() && !withoutTime.any()) {
            return size;
        }
        Arrays.fill(deleted, 0, size, false);
        deletes.mark(position, size, values, deleted);
        int rows = 0;
        int hidden = 0;
        for (int i = 0; i < size; i++) {
            live[rows] = i;
            rows += deleted[i] || withoutTime.isNull(i) ? 0 : 1;
            hidden += deleted[i] ? 1 : 0;
        }
        plan.rowsDeleted.add(hidden);
        return rows;
    }

    /// How a time column becomes instants in its own unit. Not thread-safe.
    static final class TimeColumn {
        private final @Nullable LocalTimes local;

        TimeColumn(@Nullable LocalTimes local) {
            this.local = local;
        }

        /// The times of the first `rows` of `live`, or of all rows if none is missing: in the column's own array
        /// where nothing has to be done to them, else in `target`.
        long[] instants(Column column, int rows, int size, int[] live, long[] target) {
            if (column instanceof LongColumn of && rows == size && local == null) {
                return of.values();
            }
            switch (column) {
                case LongColumn of when rows == size -> System.arraycopy(of.values(), 0, target, 0, rows);
                case LongColumn of -> {
                    for (int i = 0; i < rows; i++) {
                        target[i] = of.values()[live[i]];
                    }
                }
                case IntColumn of -> {
                    for (int i = 0; i < rows; i++) {
                        target[i] = of.values()[rows == size ? i : live[i]];
                    }
                }
                default -> throw new IllegalStateException("a time held as " + column.getClass());
            }
            if (local != null) {
                local.toInstants(target, rows);
            }
            return target;
        }
    }
}
