package dev.firn.lake.scan;

import dev.firn.engine.FeatureBatch;
import dev.firn.engine.TimeScale;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.ParquetFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.hadoop.metadata.BlockMetaData;

/// Reads a planned table: first the columns that decide the join, later the values of the winning rows.
/// Throws [dev.firn.lake.LakeException] with the file and row group in the message. For one caller at a time.
/// Closing it closes the plan.
public final class TableScan implements AutoCloseable {
    private static final int READERS_PER_THREAD = 2;

    private final PinnedTable table;
    private final ScanPlan plan;
    private final ScanSettings settings;

    public TableScan(PinnedTable table, ScanPlan plan, ScanSettings settings) {
        this.table = table;
        this.plan = plan;
        this.settings = settings;
    }

    /// Streams every live row of the plan once: deletes are applied and rows without a timestamp are skipped. Keys
    /// are in the engine's form, times are UTC instants in the columns' own units. Batches come in no particular
    /// order. Each reader thread gets its own sink and may reuse the arrays of a batch after `accept` returns.
    ///
    /// Returns when everything is read. Throws [java.util.concurrent.CancellationException] once `cancelled`
    /// returns true.
    public void stream(
            FeatureColumns columns,
            Supplier<Consumer<FeatureBatch>> sinkPerThread,
            BooleanSupplier cancelled,
            ProgressSink progress) {
        stream(columns, sinkPerThread, cancelled, progress, SharedDeletes::of);
    }

    /// Decides which deletes apply to a data file.
    interface DeletesOfFile {
        FileDeletes of(SharedDeletes shared, PlannedFile file, long rows);
    }

    /// Like [#stream(FeatureColumns, Supplier, BooleanSupplier, ProgressSink)], with other deletes than the plan's.
    void stream(
            FeatureColumns columns,
            Supplier<Consumer<FeatureBatch>> sinkPerThread,
            BooleanSupplier cancelled,
            ProgressSink progress,
            DeletesOfFile deletesOf) {
        BoundsCheck check = new BoundsCheck(table.schema(), columns, plan.bounds());
        AtomicLong filesDone = new AtomicLong();
        try (SharedDeletes deletes = CancellableCall.run(
                "pairing of deletes", cancelled, () -> new SharedDeletes(table, plan, columns, settings, cancelled))) {
            ParallelFiles.run(
                    readers(),
                    plan.files(),
                    () -> new RowGroupStream(
                            columns, timeColumns(columns), sinkPerThread.get(), cancelled, plan, settings.batchRows()),
                    ordinal -> open(
                            plan.plannedFiles().get(ordinal),
                            columns,
                            check,
                            (file, rows) -> deletesOf.of(deletes, file, rows),
                            filesDone,
                            progress));
        }
    }

    /// Remote files get more readers than cores, since a reader that waits for the store leaves its core idle.
    private int readers() {
        boolean mapped = plan.plannedFiles().stream().map(PlannedFile::location).allMatch(ParquetFile::isLocal);
        return mapped ? settings.threads() : settings.threads() * READERS_PER_THREAD;
    }

    private RowGroupStream.TimeColumns timeColumns(FeatureColumns columns) {
        Integer created = columns.createdFieldId();
        return new RowGroupStream.TimeColumns(
                timeColumn(columns.timestampFieldId(), columns), created == null ? null : timeColumn(created, columns));
    }

    private RowGroupStream.TimeColumn timeColumn(int fieldId, FeatureColumns columns) {
        Type type = table.schema().findType(fieldId);
        TimeScale scale = KeyTypes.scaleOf(type);
        return new RowGroupStream.TimeColumn(
                columns.zone() != null && isZoneless(type) ? new LocalTimes(columns.zone(), scale) : null);
    }

    private static boolean isZoneless(Type type) {
        return switch (type) {
            case Types.TimestampType micros -> !micros.shouldAdjustToUTC();
            case Types.TimestampNanoType nanos -> !nanos.shouldAdjustToUTC();
            default -> false;
        };
    }

    private interface FileDeletesSource {
        FileDeletes of(PlannedFile file, long rows);
    }

    private List<Consumer<RowGroupStream>> open(
            PlannedFile planned,
            FeatureColumns columns,
            BoundsCheck check,
            FileDeletesSource source,
            AtomicLong filesDone,
            ProgressSink progress) {
        try (OpenFile file = OpenFile.open(table, planned, plan)) {
            FileDeletes deletes = source.of(planned, file.parquet().rows());
            Map<Integer, FileColumn> bound = new LinkedHashMap<>();
            columns.keyFieldIds().forEach(id -> bound.put(id, file.bind(field(id))));
            bound.put(columns.timestampFieldId(), file.bind(field(columns.timestampFieldId())));
            if (columns.createdFieldId() != null) {
                bound.put(columns.createdFieldId(), file.bind(field(columns.createdFieldId())));
            }
            deletes.fields().forEach(field -> bound.computeIfAbsent(field.fieldId(), id -> file.bind(field)));
            RowGroupFilter filter = new RowGroupFilter(check, columns, bound, plan.skips);
            return rowGroups(
                    new RowGroupStream.StreamedFile(planned, bound, deletes, filter),
                    file.parquet(),
                    filesDone,
                    progress);
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, planned.location(), e);
        }
    }

    private List<Consumer<RowGroupStream>> rowGroups(
            RowGroupStream.StreamedFile file, ParquetFile parquet, AtomicLong filesDone, ProgressSink progress) {
        List<Consumer<RowGroupStream>> tasks = new ArrayList<>();
        AtomicInteger unreadRowGroups = new AtomicInteger();
        long position = 0;
        for (int g = 0; g < parquet.rowGroups().size(); g++) {
            BlockMetaData group = parquet.rowGroups().get(g);
            // an empty row group has no pages, even if its footer names a dictionary
            if (group.getRowCount() > 0 && file.filter().mightMatch(group)) {
                int rowGroup = g;
                long first = position;
                tasks.add(stream -> {
                    try (ParquetFile own = parquet.reopen()) {
                        stream.read(own, file, rowGroup, first);
                    } catch (RuntimeException e) {
                        throw ReadFaults.of(table, file.planned().location() + " row group " + rowGroup, e);
                    }
                    long done = unreadRowGroups.decrementAndGet() == 0 ? filesDone.incrementAndGet() : filesDone.get();
                    progress.progress(done, plan.files(), plan.rowsScanned.sum());
                });
            }
            position += group.getRowCount();
        }
        unreadRowGroups.set(tasks.size());
        if (tasks.isEmpty()) {
            progress.progress(filesDone.incrementAndGet(), plan.files(), plan.rowsScanned.sum());
        }
        return tasks;
    }

    private NestedField field(int fieldId) {
        NestedField field = table.schema().findField(fieldId);
        if (field == null) {
            throw new IllegalArgumentException(
                    "%s has no column of id %d".formatted(table.pin().table(), fieldId));
        }
        return field;
    }

    @Override
    public void close() {
        plan.close();
    }

    LongAdder bytesRead() {
        return plan.bytesRead;
    }

    /// The counts so far.
    public ScanCounts counts() {
        return plan.counts();
    }

    /// Passes the values of the fields at the given addresses (ascending, distinct) to a sink. Reads only the row
    /// groups that contain an address and, if there is an offset index, only such pages. Uses the memory of a part
    /// of a row group per thread.
    public void gather(long[] sortedAddresses, List<Integer> fieldIds, BooleanSupplier cancelled, GatherSink sink) {
        List<NestedField> fields = new ArrayList<>();
        fieldIds.forEach(id -> fields.add(field(id)));
        new Gathering(table, plan, fields, sortedAddresses, cancelled, sink).run(readers());
    }
}
