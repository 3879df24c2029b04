package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.engine.RowAddress;
import dev.firn.lake.catalog.PinnedTable;
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

/// Late materialisation: takes the values at given addresses, row group by row group.
///
/// A row group's values are read column by column, so that one column's page is in memory at a time. If they would take
/// more than [#PART_BYTES] they are read part by part instead, all columns side by side.
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

    void run(int threads) {
        List<int[]> slices = fileSlices();
        ParallelFiles.run(
                Math.max(1, threads),
                slices.size(),
                ReadBuffers::new,
                file -> open(slices.get(file)[0], slices.get(file)[1]));
    }

    private List<int[]> fileSlices() {
        List<int[]> slices = new ArrayList<>();
        for (int from = 0; from < addresses.length; ) {
            int to = from + 1;
            while (to < addresses.length
                    && RowAddress.fileOrdinal(addresses[to]) == RowAddress.fileOrdinal(addresses[from])) {
                if (addresses[to] <= addresses[to - 1]) {
                    throw new IllegalArgumentException("addresses must ascend, see number " + to);
                }
                to++;
            }
            slices.add(new int[] {from, to});
            from = to;
        }
        return slices;
    }

    private List<Consumer<ReadBuffers>> open(int from, int to) {
        PlannedFile planned = plan.plannedFiles().get(RowAddress.fileOrdinal(addresses[from]));
        try (OpenFile file = OpenFile.open(table, planned, plan)) {
            List<FileColumn> bound = new ArrayList<>();
            fields.forEach(field -> bound.add(file.bind(field)));
            List<Consumer<ReadBuffers>> tasks = new ArrayList<>();
            long position = 0;
            int next = from;
            for (int g = 0; g < file.parquet().rowGroups().size() && next < to; g++) {
                long first = position;
                position += file.parquet().rowGroups().get(g).getRowCount();
                int begin = next;
                while (next < to && RowAddress.position(addresses[next]) < position) {
                    next++;
                }
                if (next > begin) {
                    int rowGroup = g;
                    int end = next;
                    tasks.add(buffers -> gather(buffers, planned, file.parquet(), rowGroup, bound, begin, end, first));
                }
            }
            if (next < to) {
                throw new IllegalArgumentException("address of row %d in a file of %d rows"
                        .formatted(RowAddress.position(addresses[next]), position));
            }
            return tasks;
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, planned.location(), e);
        }
    }

    private void gather(
            ReadBuffers buffers,
            PlannedFile planned,
            ParquetFile parquet,
            int rowGroup,
            List<FileColumn> bound,
            int from,
            int to,
            long firstPosition) {
        long[] positions = new long[to - from];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = RowAddress.position(addresses[from + i]);
        }
        RowSelection wanted = new RowSelection(positions, 0, positions.length, firstPosition);
        int rows = partRows(parquet.rowGroups().get(rowGroup), bound);
        try (ParquetFile own = parquet.reopen()) {
            checkCancelled();
            List<Column> whole = positions.length <= rows ? read(own, rowGroup, bound, wanted, buffers) : List.of();
            if (whole.size() == bound.size()) {
                sink.accept(from, whole);
            } else {
                readParts(own, rowGroup, bound, wanted, rows, buffers, from);
            }
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, planned.location() + " row group " + rowGroup, e);
        }
    }

    private void checkCancelled() {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("the gathering was cancelled");
        }
    }

    /// How many rows to take at once.
    private static int partRows(BlockMetaData group, List<FileColumn> bound) {
        return Math.clamp(PART_BYTES / ParquetFile.bytesPerRow(group, bound), MIN_PART_ROWS, Integer.MAX_VALUE);
    }

    /// Column by column. The next one is opened before this one is read, so that its bytes are on their way.
    /// Ends early, with fewer columns, where values that rows share would take too much.
    private static List<Column> read(
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
            int rowGroup,
            List<FileColumn> bound,
            RowSelection wanted,
            int rows,
            ReadBuffers buffers,
            int first) {
        buffers.shareAmong(bound.size());
        List<ColumnCursor> cursors = new ArrayList<>();
        try {
            bound.forEach(column -> cursors.add(file.cursor(rowGroup, column, buffers, wanted)));
            long shared = cursors.stream()
                    .mapToLong(ColumnCursor::maxSharedValueBytes)
                    .sum();
            int step = Math.clamp(PART_BYTES / Math.max(1, shared), 1, rows);
            for (int from = 0; from < wanted.size(); from += step) {
                checkCancelled();
                RowSelection part = wanted.part(from, Math.min(wanted.size(), from + step));
                List<Column> columns = new ArrayList<>();
                for (ColumnCursor cursor : cursors) {
                    cursor.read(part);
                    columns.add(cursor.take());
                }
                sink.accept(first + from, columns);
            }
        } finally {
            cursors.forEach(ColumnCursor::close);
        }
    }
}
