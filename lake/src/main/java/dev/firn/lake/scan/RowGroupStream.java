package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.engine.FeatureBatch;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.engine.RowAddress;
import dev.firn.lake.parquet.ColumnCursor;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.OffsetIndexException;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Turns row groups into batches of live rows: keys in the engine's form, times as instants, addresses of rows. One per
/// reader thread; not thread-safe.
///
/// ## How
/// [RowGroupFilter] first decides which row ranges might match. The cursors of all columns that decide the join then
/// advance together over these ranges, `batchRows` at a time. For each batch the positions of live rows (not deleted,
/// with a time) are listed in `live`. If every row is live, which is the usual case, nothing is copied: keys and times
/// are the cursors' own arrays, and the addresses are consecutive, so the batch carries only the first. Otherwise the
/// live rows are taken out of each column.
///
/// *Invariant:* row `i` of a batch is at file position `firstPosition + at + live[i]` (or `+ i` if all rows are live),
/// and its address is that position within the file's ordinal. All cursors have passed the same rows, so row `i` of
/// every column belongs to the same table row.
///
/// Columns that equality deletes compare are read as plain columns even if they are keys, since [ComparedRows] compares
/// values, not dictionary ids. Other keys may come as dictionary columns.
///
/// ## Ownership
/// `times`, `createdTimes`, `addresses`, `deleted` and `live` belong to this object, have the size of a batch and are
/// overwritten by the next one. A [FeatureBatch] points into them or into the arrays of the cursors, which reuse
/// theirs after `clear`. So the sink must have consumed a batch when `accept` returns. `buffers` are shared by all row
/// groups of the thread; a cursor releases its pages in `close`.
///
/// ## Memory
/// A batch of the join columns, five scratch arrays of `batchRows`, and per open column one page, its dictionary and
/// its windows ([ReadBuffers]).
final class RowGroupStream implements Closeable {
    private final FeatureColumns columns;
    private final TimeColumns timeColumns;
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
    private boolean passedOn;

    RowGroupStream(
            FeatureColumns columns,
            TimeColumns timeColumns,
            Consumer<FeatureBatch> sink,
            BooleanSupplier cancelled,
            ScanPlan plan,
            int batchRows) {
        this.columns = columns;
        this.timeColumns = timeColumns;
        this.sink = sink;
        this.cancelled = cancelled;
        this.plan = plan;
        this.batchRows = batchRows;
        times = new long[batchRows];
        createdTimes = new long[timeColumns.created() == null ? 0 : batchRows];
        addresses = new long[batchRows];
        deleted = new boolean[batchRows];
        live = new int[batchRows];
    }

    /// Pages are skipped by the rows that their index names. If a page that is read has other rows, the row
    /// group is read again as a whole, as long as none of its rows was passed on.
    void read(ParquetFile file, StreamedFile streamed, int rowGroup, long firstPosition) {
        long size = file.rowGroups().get(rowGroup).getRowCount();
        RowRanges live = streamed.deletes().possiblyLive(firstPosition, size);
        if (live.isEmpty()) {
            return;
        }
        Optional<RowRanges> lookedUp = streamed.filter().lookedUp(file, rowGroup);
        RowRanges wanted = lookedUp.orElseGet(() -> streamed.filter().rows(file, rowGroup, buffers))
                .and(live);
        if (wanted.isEmpty()) {
            return;
        }
        plan.rowGroupsRead.increment();
        RowGroup group = new RowGroup(file, streamed, rowGroup, firstPosition);
        if (lookedUp.isPresent()) {
            // pages that are skipped could not be read again once rows were passed on
            read(group, wanted, null);
            return;
        }
        RowRanges all = RowRanges.all(size);
        passedOn = false;
        try {
            read(group, wanted, wanted.rows() == all.rows() ? null : wanted);
        } catch (OffsetIndexException e) {
            if (passedOn) {
                throw e;
            }
            plan.ignore(streamed.planned().location(), String.valueOf(e.getMessage()));
            read(group, all, null);
        }
    }

    private record RowGroup(ParquetFile file, StreamedFile streamed, int number, long firstPosition) {}

    private void read(RowGroup group, RowRanges wanted, @Nullable WantedRows rows) {
        Map<Integer, FileColumn> bound = group.streamed.columns();
        FileDeletes deletes = group.streamed.deletes();
        buffers.shareAmong(bound.size());
        Map<Integer, ColumnCursor> cursors = new LinkedHashMap<>();
        try {
            Set<Integer> compared =
                    deletes.fields().stream().map(NestedField::fieldId).collect(Collectors.toSet());
            bound.forEach((id, column) -> cursors.put(
                    id,
                    columns.keyFieldIds().contains(id) && !compared.contains(id)
                            ? group.file.keyCursor(group.number, column, buffers, rows)
                            : group.file.cursor(group.number, column, buffers, rows)));
            long at = 0;
            for (int range = 0; range < wanted.size(); range++) {
                for (ColumnCursor cursor : cursors.values()) {
                    cursor.skip(wanted.start(range) - at);
                }
                for (at = wanted.start(range); at < wanted.end(range); ) {
                    int size = (int) Math.min(batchRows, wanted.end(range) - at);
                    read(cursors, size);
                    passedOn = true;
                    emit(
                            size,
                            RowAddress.of(group.streamed.planned().ordinal(), group.firstPosition + at),
                            cursors,
                            group.streamed);
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

    private void emit(int size, long address, Map<Integer, ColumnCursor> cursors, StreamedFile streamed) {
        Map<Integer, Column> values = new LinkedHashMap<>();
        cursors.forEach((id, cursor) -> values.put(id, cursor.view()));
        Column timeColumn = values.get(columns.timestampFieldId());
        if (timeColumn == null) {
            throw new IllegalStateException("the timestamp column was not read");
        }
        int rows = liveRows(size, RowAddress.position(address), values, streamed.deletes(), timeColumn.nulls());
        plan.rowsScanned.add(size);
        if (rows == 0) {
            return;
        }
        List<Column> keys = new ArrayList<>();
        for (int id : columns.keyFieldIds()) {
            keys.add(KeyTypes.normalised(selected(values.get(id), rows, size)));
        }
        long[] instants = streamed.times(columns.timestampFieldId(), timeColumns.event())
                .instants(timeColumn, rows, size, live, times);
        long[] createdInstants = null;
        Nulls createdNulls = Nulls.NONE;
        TimeColumn created = timeColumns.created();
        if (created != null && columns.createdFieldId() != null) {
            Column createdColumn = selected(values.get(columns.createdFieldId()), rows, size);
            createdInstants = streamed.times(columns.createdFieldId(), created)
                    .instants(createdColumn, rows, rows, live, createdTimes);
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

    /// Returns the number of live rows; fills `live` with their indexes unless every row is live.
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

    /// A file to stream, with what applies to all of its row groups. Thread-safe.
    ///
    /// @param columns the source of each column that the stream reads, by field id
    record StreamedFile(
            PlannedFile planned, Map<Integer, FileColumn> columns, FileDeletes deletes, RowGroupFilter filter) {
        /// How the times of a column are converted in this file: instants need no zone.
        TimeColumn times(int fieldId, TimeColumn ofTable) {
            return columns.get(fieldId) instanceof FileColumn.Leaf leaf && leaf.isInstants()
                    ? TimeColumn.INSTANTS
                    : ofTable;
        }
    }

    /// The time columns of a feature table. Not thread-safe.
    record TimeColumns(TimeColumn event, @Nullable TimeColumn created) {}

    /// Converts a time column to instants in its own unit. Not thread-safe.
    static final class TimeColumn {
        static final TimeColumn INSTANTS = new TimeColumn(null);

        private final @Nullable LocalTimes local;

        TimeColumn(@Nullable LocalTimes local) {
            this.local = local;
        }

        /// The times of the first `rows` rows of `live`, or of all rows if `rows` is `size`. Returns the array
        /// of the column if nothing has to be converted, else `target`.
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
