package dev.firn.retrieval.job.refresh;

import dev.firn.engine.Column;
import dev.firn.lake.parquet.ColumnCursor;
import dev.firn.lake.parquet.ColumnParts;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.parquet.ConstantColumns;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.FileSchema;
import dev.firn.lake.parquet.ParquetFile;
import dev.firn.lake.parquet.ReadBuffers;
import dev.firn.lake.parquet.RowSelection;
import dev.firn.lake.scan.GatherSink;
import dev.firn.lake.storage.Storage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// Parquet files that an earlier run wrote, as one sequence of rows. A file is opened when its first row is read, and
/// must have the size and the rows that the manifest says; pages have checksums. For one caller at a time.
public final class StoredColumns implements AutoCloseable {
    /// Bytes read from all files.
    private final LongAdder bytesRead = new LongAdder();

    private final Storage storage;
    private final List<File> files;
    private final Schema schema;
    private final ColumnTasks tasks;
    private final @Nullable Opened[] opened;
    private final long[] firstRow;

    /// A file, as a manifest names it.
    public record File(String location, long rows, long bytes) {}

    private record Opened(ParquetFile file, List<FileColumn> columns) {}

    /// @param schema of the files, with their field ids
    /// @param tasks read columns in parallel
    public StoredColumns(Storage storage, List<File> files, Schema schema, ColumnTasks tasks) {
        this.storage = storage;
        this.files = List.copyOf(files);
        this.schema = schema;
        this.tasks = tasks;
        this.opened = new Opened[files.size()];
        this.firstRow = new long[files.size() + 1];
        for (int f = 0; f < files.size(); f++) {
            firstRow[f + 1] = firstRow[f] + files.get(f).rows();
        }
    }

    /// The number of rows in all files.
    public long rows() {
        return firstRow[files.size()];
    }

    public long bytesRead() {
        return bytesRead.sum();
    }

    /// All columns of the rows from `from` to `to`, exclusive.
    List<Column> range(long from, long to) {
        return range(
                from, to, IntStream.range(0, schema.columns().size()).boxed().toList());
    }

    /// Some columns of the rows from `from` to `to`, exclusive.
    ///
    /// @param columns indexes in the schema
    public List<Column> range(long from, long to, List<Integer> columns) {
        long[] rows = new long[Math.toIntExact(to - from)];
        Arrays.setAll(rows, i -> from + i);
        List<List<Column>> parts = new ArrayList<>();
        gather(rows, columns, (_, read) -> parts.add(read));
        List<Column> joined = new ArrayList<>();
        for (int c = 0; c < columns.size(); c++) {
            int column = c;
            joined.add(
                    parts.isEmpty()
                            ? ConstantColumns.of(
                                    schema.columns().get(columns.get(c)).type(), null, 0)
                            : ColumnParts.concatenated(
                                    parts.stream().map(part -> part.get(column)).toList()));
        }
        return joined;
    }

    /// Passes the values of some columns at the given rows (ascending, distinct) to a sink, in order.
    ///
    /// @param columns indexes in the schema
    public void gather(long[] rows, List<Integer> columns, GatherSink sink) {
        if (rows.length > 0 && rows[rows.length - 1] >= rows()) {
            throw new UnusableState("it has %d rows, which are too few".formatted(rows()));
        }
        int from = 0;
        for (int f = 0; f < files.size() && from < rows.length; f++) {
            int to = from;
            while (to < rows.length && rows[to] < firstRow[f + 1]) {
                to++;
            }
            if (to > from) {
                gather(f, rows, from, to, columns, sink);
            }
            from = to;
        }
    }

    private void gather(int f, long[] rows, int from, int to, List<Integer> columns, GatherSink sink) {
        Opened file = open(f);
        long first = firstRow[f];
        int begin = from;
        for (int g = 0; g < file.file().rowGroups().size() && begin < to; g++) {
            long end = first + file.file().rowGroups().get(g).getRowCount();
            int next = begin;
            while (next < to && rows[next] < end) {
                next++;
            }
            if (next > begin) {
                sink.accept(begin, read(file, g, new RowSelection(rows, begin, next, first), columns));
            }
            begin = next;
            first = end;
        }
    }

    private List<Column> read(Opened file, int rowGroup, RowSelection wanted, List<Integer> columns) {
        Column[] values = new Column[columns.size()];
        tasks.run(columns.size(), c -> {
            try (ReadBuffers buffers = new ReadBuffers();
                    ParquetFile own = file.file().reopen();
                    ColumnCursor cursor = own.cursor(rowGroup, file.columns().get(columns.get(c)), buffers, wanted)) {
                cursor.read(wanted);
                values[c] = cursor.take();
            }
        });
        return List.of(values);
    }

    private Opened open(int f) {
        Opened there = opened[f];
        if (there == null) {
            there = open(files.get(f));
            opened[f] = there;
        }
        return there;
    }

    private Opened open(File expected) {
        InputFile input = storage.input(expected.location());
        if (input.getLength() != expected.bytes()) {
            throw new UnusableState("[%s] has %d bytes instead of %d"
                    .formatted(expected.location(), input.getLength(), expected.bytes()));
        }
        ParquetFile file = ParquetFile.open(input, bytesRead);
        try {
            if (file.rows() != expected.rows()) {
                throw new UnusableState(
                        "[%s] has %d rows instead of %d".formatted(expected.location(), file.rows(), expected.rows()));
            }
            FileSchema stored = FileSchema.of(file, Optional.empty())
                    .orElseThrow(() -> new UnusableState("[%s] has no field ids".formatted(expected.location())));
            List<FileColumn> columns = new ArrayList<>();
            for (NestedField field : schema.columns()) {
                columns.add(stored.find(field)
                        .orElseThrow(() -> new UnusableState(
                                "[%s] has no column %s".formatted(expected.location(), field.name()))));
            }
            return new Opened(file, columns);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public void close() {
        for (Opened file : opened) {
            if (file != null) {
                file.file().close();
            }
        }
    }
}
