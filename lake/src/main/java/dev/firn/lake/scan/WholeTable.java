package dev.firn.lake.scan;

import dev.firn.lake.catalog.PinnedTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.apache.iceberg.types.Types.NestedField;

/// All files of a pinned table, for a reader that reads every row with Iceberg's own readers: in the order of their
/// addresses, and with the deletes that really apply ([DeletePairing]).
public final class WholeTable {
    /// Of a task and its file, without statistics.
    private static final long BYTES_PER_TASK = 700;

    private WholeTable() {}

    /// How a table is read.
    public record Reading(ScanSettings settings, BooleanSupplier cancelled) {}

    /// The files to read, which hold memory of the scans' budget until they are closed.
    public static final class Files implements AutoCloseable {
        private final List<FileScanTask> tasks;
        private final PlanMemory memory;

        private Files(List<FileScanTask> tasks, PlanMemory memory) {
            this.tasks = tasks;
            this.memory = memory;
        }

        public List<FileScanTask> tasks() {
            return tasks;
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    /// Ordered by data sequence number and path without scheme. Throws like [ScanPlanner#plan].
    ///
    /// @param snapshotId the pin's
    public static Files files(PinnedTable table, long snapshotId, Reading reading) {
        ScanPlanner.requireFormat(table);
        PlanMemory memory =
                new PlanMemory(reading.settings.budget(), table.pin().table().toString());
        return CancellableCall.run("planning", reading.cancelled, () -> {
            try {
                Planning planning =
                        new Planning(table, snapshotId, reading.settings.maxFiles(), memory, reading.cancelled);
                return new Files(files(table, planning, memory), memory);
            } catch (RuntimeException e) {
                memory.close();
                throw e;
            }
        });
    }

    /// Whether the rows of an earlier snapshot, in their order, are the first rows of a later one: its files come first
    /// there, and the same deletes apply to them. A file that was added again counts as another one, because it may
    /// have been written anew under its old path. Throws like [#files].
    public static boolean onlyGrew(PinnedTable then, PinnedTable now, Reading reading) {
        try (Files before = files(then, Objects.requireNonNull(then.pin().snapshotId()), reading);
                Files after = files(now, Objects.requireNonNull(now.pin().snapshotId()), reading)) {
            List<FileScanTask> first = before.tasks();
            return first.size() <= after.tasks().size()
                    && IntStream.range(0, first.size())
                            .allMatch(i -> isSame(first.get(i), after.tasks().get(i)));
        }
    }

    private static boolean isSame(FileScanTask then, FileScanTask now) {
        return then.file().location().equals(now.file().location())
                && Objects.equals(then.file().dataSequenceNumber(), now.file().dataSequenceNumber())
                && deletes(then).equals(deletes(now));
    }

    private static Set<String> deletes(FileScanTask task) {
        return task.deletes().stream()
                .map(delete -> delete.location() + "@" + delete.contentOffset())
                .collect(Collectors.toSet());
    }

    private static List<FileScanTask> files(PinnedTable table, Planning planning, PlanMemory memory) {
        Map<String, DataFile> byLocation = new HashMap<>();
        PlannedFiles found = new PlannedFiles(memory);
        planning.dataFiles(Expressions.alwaysTrue(), file -> new Found(file.copyWithoutStats()), located -> {
            DataFile file = located.file();
            ScanPlanner.requireReadable(table, file);
            planning.requireFew(found.size() + 1);
            memory.add(BYTES_PER_TASK);
            found.add(file, ScanPlanner.spec(table, file));
            byLocation.put(file.location(), file);
        });
        List<PlannedFile> files = found.ordered();
        DeletePairing pairing = DeletePairing.of(table, planning, Expressions.alwaysTrue(), files, memory::add);
        Map<PartitionSpec, Spelled> specs = new HashMap<>();
        List<FileScanTask> tasks = new ArrayList<>(files.size());
        for (PlannedFile file : files) {
            Spelled spec = specs.computeIfAbsent(file.partition().spec(), Spelled::of);
            tasks.add(new BaseFileScanTask(
                    Objects.requireNonNull(byLocation.get(file.location())),
                    pairing.of(file).toArray(DeleteFile[]::new),
                    spec.schema(),
                    spec.spec(),
                    ResidualEvaluator.unpartitioned(Expressions.alwaysTrue())));
        }
        return tasks;
    }

    private record Found(DataFile file) implements Planning.Located {
        @Override
        public String location() {
            return file.location();
        }
    }

    /// A partition spec and its schema as JSON.
    private record Spelled(String schema, String spec) {
        static Spelled of(PartitionSpec spec) {
            return new Spelled(SchemaParser.toJson(spec.schema()), PartitionSpecParser.toJson(spec));
        }
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
