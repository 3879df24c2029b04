package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.ReadBuffers;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.types.Types.NestedField;

/// Reads the join keys in equality delete files. Thread-safe.
public final class DeletedKeys {
    /// Memory per row in Iceberg's own loader, which holds a whole file.
    private static final int BYTES_PER_BOXED_ROW = 190;

    private final PinnedTable table;
    private final FeatureColumns columns;
    private final ScanSettings settings;
    private final BooleanSupplier cancelled;

    /// Receives the first `size` rows of the keys, as the engine holds them, from several threads at once. The columns
    /// are valid until it returns.
    public interface Sink {
        void accept(List<Column> keys, int size);
    }

    DeletedKeys(PinnedTable table, FeatureColumns columns, ScanSettings settings, BooleanSupplier cancelled) {
        this.table = table;
        this.columns = columns;
        this.settings = settings;
        this.cancelled = cancelled;
    }

    /// @param files all compare all keys
    /// @param scan counts the bytes
    void read(List<DeleteFile> files, TableScan scan, Sink sink) {
        if (files.isEmpty()) {
            return;
        }
        DeleteFields keys = DeleteFields.of(table, new LinkedHashSet<>(columns.keyFieldIds()));
        DeleteFileReader.Sink rows = (read, size) -> {
            if (cancelled.getAsBoolean()) {
                throw new CancellationException("the loading of deletes was cancelled");
            }
            sink.accept(read.stream().map(KeyTypes::normalised).toList(), size);
        };
        try (DeleteMemory memory = new DeleteMemory(
                settings,
                () -> "[%s snapshot %d] has equality deletes in %d files"
                        .formatted(table.pin().table(), table.pin().snapshotId(), files.size()))) {
            ParallelFiles.run(
                    settings.threads(),
                    files.size(),
                    ReadBuffers::new,
                    file -> open(files.get(file), keys, scan, memory, rows));
        }
    }

    private List<Consumer<ReadBuffers>> open(
            DeleteFile file, DeleteFields keys, TableScan scan, DeleteMemory memory, DeleteFileReader.Sink rows) {
        List<NestedField> fields = keys.fields();
        if (fields.isEmpty()) {
            // without keys all rows are one group
            rows.accept(List.of(), 1);
            return List.of();
        }
        if (file.format() == FileFormat.PARQUET) {
            return DeleteFileReader.open(table, file, scan.bytesRead()).rowGroups(fields, rows);
        }
        return List.of(_ -> {
            long boxed = file.recordCount() * BYTES_PER_BOXED_ROW;
            memory.reserve(boxed);
            try {
                BoxedDeletes.read(table, file, fields, keys.projection(), rows);
            } finally {
                memory.release(boxed);
            }
        });
    }
}
