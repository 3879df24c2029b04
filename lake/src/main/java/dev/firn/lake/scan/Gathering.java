package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.engine.RowAddress;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.ColumnChunks;
import dev.firn.lake.parquet.ColumnCursor;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.ParquetFile;
import dev.firn.lake.parquet.ReadBuffers;
import dev.firn.lake.parquet.RowSelection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.hadoop.metadata.BlockMetaData;

/// Late materialisation: reads the values at given addresses, row group by row group, and passes them to a sink.
///
/// ## How
/// The addresses ascend, so those of one file are a slice of the array, and those of one row group a slice of that. A
/// file is opened once; each of its row groups that contains an address is a task of [ParallelFiles]. With an offset
/// index only pages that contain an address are fetched.
///
/// A row group is read in one of two ways, whichever bounds memory by about [#PART_BYTES] per thread:
///
/// - *Whole, column by column.* One column's page is in memory at a time, and of the next column only its first window:
///   it is opened before this one is read, so that its bytes are on their way. This is the usual case.
/// - *In parts, all columns together,* if the values would take more than [#PART_BYTES]. Each column then keeps a page
///   open, but only a part of the values is in memory.
///
/// The footer estimates the memory of a row, but not of long values that many rows share through a dictionary or a
/// constant. Those are known only once the dictionary is read, so the first way may give up half way
/// ([#readColumns] returns no columns) and the second starts over.
///
/// *Invariant:* row `i` of a call to the sink with `first` belongs to address `first + i`, in both ways, since a cursor
/// returns rows in the order of the selection and drops none.
///
/// ## Ownership
/// `addresses` is the caller's, is read by all threads and must not change until [#run] returns. The columns passed to
/// the sink own their arrays (`take`), so the sink may keep them; nothing here refers to them afterwards. Cursors and
/// `buffers` belong to the thread that runs the task.
final class Gathering {
    private static final long PART_BYTES = 16L << 20;
    private static final int MIN_PART_ROWS = 256;
    private static final int OPEN_COLUMNS = 2;

    private final PinnedTable table;
    private final ScanPlan plan;
    private final List<NestedField> fields;
    private final long[] addresses;
    private final BooleanSupplier cancelled;
    private final GatherSink sink;

    Gathering(
            PinnedTable table,
            ScanPlan plan,
            List<NestedField> fields,
            long[] addresses,
            BooleanSupplier cancelled,
            GatherSink sink) {
        this.table = table;
        this.plan = plan;
        this.fields = fields;
        this.addresses = addresses;
        this.cancelled = cancelled;
        this.sink = sink;
    }

    /// The addresses from index `from` to `to`, exclusive.
    private record Slice(int from, int to) {}

    /// A file and the columns of the requested fields in it.
    private record BoundFile(PlannedFile planned, ParquetFile parquet, List<FileColumn> columns) {}

    /// The requested rows of one row group.
    ///
    /// @param firstPosition position of the row group's first row in the file
    private record RowGroupRows(int rowGroup, long firstPosition, Slice addresses) {}

    void run(int threads) {
        List<Slice> slices = fileSlices();
        ParallelFiles.run(Math.max(1, threads), slices.size(), ReadBuffers::new, file -> open(slices.get(file)));
    }

    private List<Slice> fileSlices() {
        List<Slice> slices = new ArrayList<>();
        for (int from = 0; from < addresses.length; ) {
            int to = from + 1;
            while (to < addresses.length
                    && RowAddress.fileOrdinal(addresses[to]) == RowAddress.fileOrdinal(addresses[from])) {
                if (addresses[to] <= addresses[to - 1]) {
                    throw new IllegalArgumentException("addresses must ascend, but address " + to + " does not");
                }
                to++;
            }
            slices.add(new Slice(from, to));
            from = to;
        }
        return slices;
    }

    private List<Consumer<ReadBuffers>> open(Slice slice) {
        PlannedFile planned = plan.plannedFiles().get(RowAddress.fileOrdinal(addresses[slice.from()]));
        try (OpenFile file = OpenFile.open(table, planned, plan)) {
            BoundFile bound = new BoundFile(
                    planned, file.parquet(), fields.stream().map(file::bind).toList());
            List<Consumer<ReadBuffers>> tasks = new ArrayList<>();
            long position = 0;
            int next = slice.from();
            for (int g = 0; g < file.parquet().rowGroups().size() && next < slice.to(); g++) {
                long first = position;
                position += file.parquet().rowGroups().get(g).getRowCount();
                int begin = next;
                while (next < slice.to() && RowAddress.position(addresses[next]) < position) {
                    next++;
                }
                if (next > begin) {
                    RowGroupRows rows = new RowGroupRows(g, first, new Slice(begin, next));
                    tasks.add(buffers -> gather(buffers, bound, rows));
                }
            }
            if (next < slice.to()) {
                throw new IllegalArgumentException("row %d is out of range, the file has %d rows"
                        .formatted(RowAddress.position(addresses[next]), position));
            }
            return tasks;
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, planned.location(), e);
        }
    }

    private void gather(ReadBuffers buffers, BoundFile file, RowGroupRows rows) {
        int from = rows.addresses().from();
        long[] positions = new long[rows.addresses().to() - from];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = RowAddress.position(addresses[from + i]);
        }
        RowSelection wanted = new RowSelection(positions, 0, positions.length, rows.firstPosition());
        int partRows = partRows(file.parquet().rowGroups().get(rows.rowGroup()), file.columns());
        try (ParquetFile own = file.parquet().reopen()) {
            checkCancelled();
            List<Column> whole = positions.length <= partRows
                    ? readColumns(own, rows.rowGroup(), file.columns(), wanted, buffers)
                    : List.of();
            if (whole.size() == file.columns().size()) {
                sink.accept(from, whole);
            } else {
                readParts(own, rows, file.columns(), wanted, partRows, buffers);
            }
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, file.planned().location() + " row group " + rows.rowGroup(), e);
        }
    }

    private void checkCancelled() {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("gathering was cancelled");
        }
    }

    /// How many rows to read at once.
    private static int partRows(BlockMetaData group, List<FileColumn> bound) {
        return Math.clamp(PART_BYTES / ColumnChunks.bytesPerRow(group, bound), MIN_PART_ROWS, Integer.MAX_VALUE);
    }

    /// Reads column by column. Returns no columns if values that rows share would take too much memory.
    private static List<Column> readColumns(
            ParquetFile file, int rowGroup, List<FileColumn> bound, RowSelection wanted, ReadBuffers buffers) {
        buffers.shareAmong(OPEN_COLUMNS);
        List<Column> columns = new ArrayList<>();
        long shared = 0;
        Deque<ColumnCursor> open = new ArrayDeque<>();
        try {
            for (int c = 0; c < bound.size(); c++) {
                for (int ahead = c + open.size(); ahead < Math.min(bound.size(), c + OPEN_COLUMNS); ahead++) {
                    open.add(file.cursor(rowGroup, bound.get(ahead), buffers, wanted));
                }
                try (ColumnCursor cursor = open.remove()) {
                    shared += cursor.maxSharedValueBytes() * wanted.size();
                    if (shared > PART_BYTES) {
                        return List.of();
                    }
                    cursor.read(wanted);
                    columns.add(cursor.take());
                }
            }
            return columns;
        } finally {
            open.forEach(ColumnCursor::close);
        }
    }

    private void readParts(
            ParquetFile file,
            RowGroupRows rows,
            List<FileColumn> bound,
            RowSelection wanted,
            int partRows,
            ReadBuffers buffers) {
        buffers.shareAmong(bound.size());
        List<ColumnCursor> cursors = new ArrayList<>();
        try {
            bound.forEach(column -> cursors.add(file.cursor(rows.rowGroup(), column, buffers, wanted)));
            long shared = cursors.stream()
                    .mapToLong(ColumnCursor::maxSharedValueBytes)
                    .sum();
            int step = Math.clamp(PART_BYTES / Math.max(1, shared), 1, partRows);
            for (int from = 0; from < wanted.size(); from += step) {
                checkCancelled();
                RowSelection part = wanted.part(from, Math.min(wanted.size(), from + step));
                List<Column> columns = new ArrayList<>();
                for (ColumnCursor cursor : cursors) {
                    cursor.read(part);
                    columns.add(cursor.take());
                }
                sink.accept(rows.addresses().from() + from, columns);
            }
        } finally {
            cursors.forEach(ColumnCursor::close);
        }
    }
}
