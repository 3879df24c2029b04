package dev.firn.lake.scan;

import dev.firn.lake.catalog.PinnedTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types.NestedField;

/// All files of a pinned table, for a reader that reads every row with Iceberg's own readers: in the order of their
/// addresses, and with the deletes that really apply ([DeletePairing]).
public final class WholeTable {
    private WholeTable() {}

    /// Ordered by data sequence number and path without scheme. Throws a [dev.firn.lake.LakeRejection] like
    /// [ScanPlanner#plan].
    ///
    /// @param snapshotId the pin's
    public static List<FileScanTask> files(PinnedTable table, long snapshotId) {
        ScanPlanner.requireFormat(table);
        List<FileScanTask> tasks = new ArrayList<>();
        try (CloseableIterable<FileScanTask> planned =
                table.iceberg().newScan().useSnapshot(snapshotId).planFiles()) {
            planned.forEach(tasks::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tasks.forEach(task -> ScanPlanner.requireReadable(table, task));
        List<PlannedFile> files = ScanPlanner.ordered(tasks);
        DeletePairing pairing = new DeletePairing(table, files);
        List<FileScanTask> paired = new ArrayList<>(files.size());
        for (PlannedFile file : files) {
            FileScanTask task = tasks.get(file.ordinal());
            List<DeleteFile> deletes = pairing.of(file);
            paired.add(deletes.equals(file.deletes()) ? task : with(task, deletes));
        }
        return paired;
    }

    private static FileScanTask with(FileScanTask task, List<DeleteFile> deletes) {
        return new BaseFileScanTask(
                task.file(),
                deletes.toArray(DeleteFile[]::new),
                SchemaParser.toJson(task.spec().schema()),
                PartitionSpecParser.toJson(task.spec()),
                ResidualEvaluator.unpartitioned(Expressions.alwaysTrue()));
    }

    /// The table's schema, followed by the dropped columns that the file's equality deletes compare.
    public static Schema schemaFor(PinnedTable table, FileScanTask task) {
        List<NestedField> columns = new ArrayList<>(table.schema().columns());
        Set<Integer> dropped = new HashSet<>();
        for (DeleteFile delete : task.deletes()) {
            if (delete.equalityFieldIds() != null) {
                dropped.addAll(delete.equalityFieldIds());
            }
        }
        dropped.removeIf(id -> table.schema().findField(id) != null);
        for (int id : dropped) {
            NestedField column =
                    DeleteFields.of(table, Set.of(id)).projection().columns().getFirst();
            if (column.fieldId() != id) {
                throw DeleteFields.refused(
                        table,
                        "equality deletes by a field of the dropped column %s are not supported"
                                .formatted(column.name()));
            }
            String name = "dropped-" + id;
            columns.add(NestedField.optional(id, name, column.type()));
        }
        return dropped.isEmpty() ? table.schema() : new Schema(columns);
    }
}
