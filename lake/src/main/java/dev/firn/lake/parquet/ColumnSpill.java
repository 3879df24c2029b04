package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import dev.firn.lake.scratch.Scratch;
import dev.firn.lake.scratch.ScratchFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.apache.iceberg.Schema;

/// Columns spilled to a local temporary file, in groups that are read one at a time. The file is compressed Parquet, so
/// every type of a table can be spilled. For one thread at a time; closing deletes the file.
public final class ColumnSpill implements AutoCloseable {
    private final ScratchFile bytes;
    private final ParquetFile file;
    private final List<FileColumn> columns;
    /// The first row group of each group, and the end.
    private final int[] firstRowGroup;

    private ColumnSpill(ScratchFile bytes, Schema schema, int[] firstRowGroup) {
        this.bytes = bytes;
        this.firstRowGroup = firstRowGroup;
        try (ParquetFile opened = ParquetFile.open(bytes.input(), new LongAdder())) {
            this.file = opened.reopen();
        }
        FileSchema stored = FileSchema.of(file, Optional.empty()).orElseThrow();
        this.columns = schema.columns().stream()
                .map(field -> stored.find(field).orElseThrow())
                .toList();
    }

    /// Creates a file for columns of this schema. Throws `SCRATCH_FULL`, then and while it is written.
    public static Writer create(Schema schema, ColumnTasks tasks) {
        ScratchFile bytes = Scratch.ofProcess().create();
        try {
            return new Writer(bytes, schema, tasks);
        } catch (RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    /// Number of groups, including empty ones.
    public int size() {
        return firstRowGroup.length - 1;
    }

    /// One column of a group; empty if the group has no rows.
    public Optional<Column> column(int group, int column, ReadBuffers buffers) {
        List<Column> parts = new ArrayList<>();
        try (ParquetFile own = file.reopen()) {
            for (int rowGroup = firstRowGroup[group]; rowGroup < firstRowGroup[group + 1]; rowGroup++) {
                try (ColumnCursor cursor = own.cursor(rowGroup, columns.get(column), buffers)) {
                    cursor.read((int) rows(rowGroup));
                    parts.add(cursor.take());
                }
            }
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of(ColumnParts.concatenated(parts));
    }

    /// Selected rows of one column of a group: at least one, ascending, relative to the group's first row.
    public Column column(int group, int column, long[] rows, ReadBuffers buffers) {
        List<Column> parts = new ArrayList<>();
        try (ParquetFile own = file.reopen()) {
            long first = 0;
            int from = 0;
            for (int rowGroup = firstRowGroup[group]; from < rows.length; rowGroup++) {
                long end = first + rows(rowGroup);
                int to = from;
                while (to < rows.length && rows[to] < end) {
                    to++;
                }
                if (to > from) {
                    RowSelection wanted = new RowSelection(rows, from, to, first);
                    try (ColumnCursor cursor = own.cursor(rowGroup, columns.get(column), buffers, wanted)) {
                        cursor.read(wanted);
                        parts.add(cursor.take());
                    }
                }
                from = to;
                first = end;
            }
        }
        return ColumnParts.concatenated(parts);
    }

    private long rows(int rowGroup) {
        return file.rowGroups().get(rowGroup).getRowCount();
    }

    @Override
    public void close() {
        file.close();
        bytes.close();
    }

    /// Writes the groups in order. End with [#finish]; [#close] without it deletes the file.
    public static final class Writer implements AutoCloseable {
        private final ScratchFile bytes;
        private final Schema schema;
        private final ParquetResult result;
        private final List<Integer> firstRowGroup = new ArrayList<>(List.of(0));
        private boolean finished;

        private Writer(ScratchFile bytes, Schema schema, ColumnTasks tasks) {
            this.bytes = bytes;
            this.schema = schema;
            this.result = ParquetResult.create(bytes.output(), schema, tasks);
        }

        /// Appends rows to the open group.
        public void write(List<Column> columns, int rows) {
            result.write(columns, 0, rows);
        }

        /// Ends the group, which may be empty, and opens the next one.
        public void endGroup() {
            firstRowGroup.add(result.endRowGroup());
        }

        public ColumnSpill finish() {
            result.finish();
            ColumnSpill spill = new ColumnSpill(
                    bytes,
                    schema,
                    firstRowGroup.stream().mapToInt(Integer::intValue).toArray());
            finished = true;
            return spill;
        }

        @Override
        public void close() {
            if (!finished) {
                try {
                    result.close();
                } finally {
                    bytes.close();
                }
            }
        }
    }
}
