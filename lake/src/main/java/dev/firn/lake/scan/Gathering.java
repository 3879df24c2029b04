package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import dev.firn.engine.RowAddress;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.ColumnCursor;
import dev.firn.lake.parquet.ColumnParts;
import dev.firn.lake.parquet.ConstantColumns;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.ParquetFile;
import dev.firn.lake.parquet.ReadBuffers;
import dev.firn.lake.parquet.RowSelection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.apache.iceberg.types.Types.NestedField;

/// Late materialisation: takes the values at given addresses, row group by row group.
final class Gathering {
    private static final Column NOTHING = LongColumn.of();

    private final PinnedTable table;
    private final ScanPlan plan;
    private final List<NestedField> fields;
    private final long[] addresses;
    /// By index of the first address, so that the parts line up.
    private final Map<Integer, Column[]> parts = new ConcurrentSkipListMap<>();

    Gathering(PinnedTable table, ScanPlan plan, List<NestedField> fields, long[] addresses) {
        this.table = table;
        this.plan = plan;
        this.fields = fields;
        this.addresses = addresses;
    }

    List<Column> run(int threads) {
        List<int[]> runs = runsOfFiles();
        ParallelFiles.run(
                Math.max(1, threads),
                runs.size(),
                ReadBuffers::new,
                file -> open(runs.get(file)[0], runs.get(file)[1]));
        List<Column> columns = new ArrayList<>();
        for (int f = 0; f < fields.size(); f++) {
            columns.add(joined(f));
        }
        return columns;
    }

    /// Puts the parts of a field together and forgets them, so that one field at a time is there twice.
    private Column joined(int field) {
        List<Column> ofField = new ArrayList<>();
        for (Column[] part : parts.values()) {
            ofField.add(part[field]);
            part[field] = NOTHING;
        }
        return ofField.isEmpty()
                ? ConstantColumns.of(fields.get(field).type(), null, 0)
                : ColumnParts.concatenated(ofField);
    }

    private List<int[]> runsOfFiles() {
        List<int[]> runs = new ArrayList<>();
        for (int from = 0; from < addresses.length; ) {
            int to = from + 1;
            while (to < addresses.length
                    && RowAddress.fileOrdinal(addresses[to]) == RowAddress.fileOrdinal(addresses[from])) {
                if (addresses[to] <= addresses[to - 1]) {
                    throw new IllegalArgumentException("addresses must ascend, see number " + to);
                }
                to++;
            }
            runs.add(new int[] {from, to});
            from = to;
        }
        return runs;
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
        List<Column> columns;
        try (ParquetFile own = parquet.again()) {
            columns = read(own, rowGroup, bound, wanted, buffers);
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, planned.location() + " row group " + rowGroup, e);
        }
        parts.put(from, columns.toArray(Column[]::new));
    }

    /// Column by column. The next one is opened before this one is read, so that its bytes are on their way.
    private static List<Column> read(
            ParquetFile file, int rowGroup, List<FileColumn> bound, RowSelection wanted, ReadBuffers buffers) {
        List<Column> columns = new ArrayList<>();
        Deque<ColumnCursor> open = new ArrayDeque<>();
        try {
            for (int c = 0; c < bound.size(); c++) {
                for (int ahead = c + open.size(); ahead < Math.min(bound.size(), c + 2); ahead++) {
                    open.add(file.cursor(rowGroup, bound.get(ahead), buffers, wanted));
                }
                try (ColumnCursor cursor = open.remove()) {
                    cursor.read(wanted);
                    columns.add(cursor.take());
                }
            }
            return columns;
        } finally {
            open.forEach(ColumnCursor::close);
        }
    }
}
