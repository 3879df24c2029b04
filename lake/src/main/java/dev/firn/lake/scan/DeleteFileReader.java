package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.ColumnCursor;
import dev.firn.lake.parquet.FileColumn;
import dev.firn.lake.parquet.FileSchema;
import dev.firn.lake.parquet.ParquetFile;
import dev.firn.lake.parquet.ReadBuffers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.types.Types.NestedField;

/// Reads columns of a Parquet delete file, batch by batch.
final class DeleteFileReader {
    static final int BATCH_ROWS = 1 << 12;

    private DeleteFileReader() {}

    /// Takes a batch's columns, whose arrays are of use until it returns.
    interface Sink {
        void accept(List<Column> columns, int size);
    }

    /// A task for each row group; the file's footer is read.
    static List<Consumer<ReadBuffers>> open(
            PinnedTable table, DeleteFile delete, List<NestedField> fields, Sink sink, LongAdder bytesRead) {
        try (ParquetFile file = ParquetFile.open(table.io().newInputFile(delete), bytesRead)) {
            FileSchema schema = FileSchema.of(file, Optional.empty())
                    .orElseThrow(() -> new LakeRejection(
                            LakeCode.UNSUPPORTED_TABLE,
                            "[%s] a delete file without field ids".formatted(delete.location())));
            List<FileColumn> columns = new ArrayList<>();
            for (NestedField field : fields) {
                columns.add(schema.find(field).orElseGet(() -> new FileColumn.Constant(field, field.initialDefault())));
            }
            List<Consumer<ReadBuffers>> tasks = new ArrayList<>();
            for (int g = 0; g < file.rowGroups().size(); g++) {
                int rowGroup = g;
                tasks.add(buffers -> {
                    try (ParquetFile own = file.again()) {
                        read(own, rowGroup, columns, buffers, sink);
                    } catch (RuntimeException e) {
                        throw ReadFaults.of(table, delete.location() + " row group " + rowGroup, e);
                    }
                });
            }
            return tasks;
        } catch (RuntimeException e) {
            throw ReadFaults.of(table, delete.location(), e);
        }
    }

    private static void read(
            ParquetFile file, int rowGroup, List<FileColumn> columns, ReadBuffers buffers, Sink sink) {
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
