package dev.firn.lake.scan;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.ColumnChunks;
import dev.firn.lake.parquet.ColumnCursor;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.FileSchema;
import dev.firn.lake.parquet.ParquetFile;
import dev.firn.lake.parquet.ReadBuffers;
import dev.firn.lake.parquet.StoredBounds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.hadoop.metadata.BlockMetaData;

/// Reads the columns of a Parquet delete file batch by batch. Thread-safe; needs no closing.
final class DeleteFileReader {
    static final int BATCH_ROWS = 1 << 12;

    private final PinnedTable table;
    private final DeleteFile delete;
    private final ParquetFile file;
    private final FileSchema schema;

    private DeleteFileReader(PinnedTable table, DeleteFile delete, ParquetFile file, FileSchema schema) {
        this.table = table;
        this.delete = delete;
        this.file = file;
        this.schema = schema;
    }

    /// Receives the columns of a batch; their arrays are valid until it returns.
    interface Sink {
        void accept(List<Column> columns, int size);
    }

    static DeleteFileReader open(PinnedTable table, DeleteFile delete, LongAdder bytesRead) {
        try (ParquetFile file = ParquetFile.open(table.io().newInputFile(delete), bytesRead)) {
            FileSchema schema = FileSchema.of(file, Optional.empty())
                    .orElseThrow(() -> new LakeRejection(
                            LakeCode.UNSUPPORTED_TABLE,
                            "[%s] the delete file has no field ids".formatted(delete.location())));
            return new DeleteFileReader(table, delete, file.reopen(), schema);
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, delete.location(), e);
        }
    }

    /// One task per row group.
    List<Consumer<ReadBuffers>> rowGroups(List<NestedField> fields, Sink sink) {
        List<FileColumn> columns = fields.stream().map(this::column).toList();
        List<Consumer<ReadBuffers>> tasks = new ArrayList<>();
        for (int g = 0; g < file.rowGroups().size(); g++) {
            int rowGroup = g;
            tasks.add(buffers -> {
                try (ParquetFile own = file.reopen()) {
                    read(own, rowGroup, columns, buffers, sink);
                } catch (RuntimeException e) {
                    throw ReadFaults.of(table, delete.location() + " row group " + rowGroup, e);
                }
            });
        }
        return tasks;
    }

    private FileColumn column(NestedField field) {
        try {
            return schema.find(field).orElseGet(() -> new FileColumn.Constant(field, field.initialDefault()));
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, delete.location(), e);
        }
    }

    /// The only value of a string column, if the statistics in the footer and the dictionaries show that there is just
    /// one. Either alone may be wrong: a bound may be cut, and statistics may be those of the first page.
    Optional<byte[]> onlyValue(NestedField field, ReadBuffers buffers) {
        byte[] only = null;
        for (int g = 0; g < file.rowGroups().size(); g++) {
            Optional<byte[]> value =
                    column(field) instanceof FileColumn.Leaf leaf ? onlyValue(g, leaf, buffers) : Optional.empty();
            if (value.isEmpty() || (only != null && !Arrays.equals(only, value.get()))) {
                return Optional.empty();
            }
            only = value.get();
        }
        return Optional.ofNullable(only);
    }

    private Optional<byte[]> onlyValue(int rowGroup, FileColumn.Leaf leaf, ReadBuffers buffers) {
        BlockMetaData group = file.rowGroups().get(rowGroup);
        if (!(StoredBounds.of(ColumnChunks.of(group, leaf.descriptor().getPath()), leaf)
                                .orElse(null)
                        instanceof StoredBounds.Bytes bounds)
                || !Arrays.equals(bounds.min(), bounds.max())) {
            return Optional.empty();
        }
        try (ParquetFile own = file.reopen()) {
            return own.dictionary(rowGroup, leaf, buffers)
                    .filter(values -> values instanceof BytesColumn bytes
                            && bytes.size() == 1
                            && Arrays.equals(bytes.bytes(0), bounds.min()))
                    .map(_ -> bounds.min());
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, delete.location() + " row group " + rowGroup, e);
        }
    }

    private static void read(ParquetFile file, int rowGroup, List<FileColumn> columns, ReadBuffers buffers, Sink sink) {
        List<ColumnCursor> cursors = new ArrayList<>();
        try {
            columns.forEach(column -> cursors.add(file.cursor(rowGroup, column, buffers)));
            long rows = file.rowGroups().get(rowGroup).getRowCount();
            for (long done = 0; done < rows; ) {
                int size = (int) Math.min(BATCH_ROWS, rows - done);
                List<Column> batch = new ArrayList<>();
                for (ColumnCursor cursor : cursors) {
                    cursor.clear();
                    cursor.read(size);
                    batch.add(cursor.view());
                }
                sink.accept(batch, size);
                done += size;
            }
        } finally {
            cursors.forEach(ColumnCursor::close);
        }
    }
}
