package dev.firn.retrieval.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.DVFileWriter;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;

/// Random steps of Iceberg's writers with one small table, in which rows tie, die, come again and move.
final class RefreshHistory {
    static final Instant START = Instant.parse("2024-01-01T00:00:00Z");
    static final int IDS = 5;
    static final int SECONDS = 12;

    private final Random random;
    private final Table table;
    private final boolean vectors;
    private final int textId;
    private final StringBuilder steps = new StringBuilder();
    private final List<DataFile> removed = new ArrayList<>();
    private int values;

    RefreshHistory(LakeFixture lake, String name, Random random) {
        this.random = random;
        this.vectors = random.nextBoolean();
        Schema schema = TableText.schema("id long, event timestamptz, created timestamptz, value int, text string");
        PartitionSpec spec =
                switch (random.nextInt(3)) {
                    case 0 -> PartitionSpec.builderFor(schema).bucket("id", 2).build();
                    case 1 -> PartitionSpec.builderFor(schema).identity("id").build();
                    default -> PartitionSpec.unpartitioned();
                };
        this.table = lake.table(name, schema, spec, vectors ? 3 : 2);
        this.textId = table.schema().findField("text").fieldId();
        append();
    }

    Table table() {
        return table;
    }

    @Override
    public String toString() {
        return steps.toString();
    }

    void step() {
        table.refresh();
        String done =
                switch (random.nextInt(17)) {
                    case 0, 1, 2 -> append();
                    case 3, 4 -> deletePositions();
                    case 5, 6 -> deleteEqual();
                    case 7 -> copyOnWrite();
                    case 8 -> dropFile();
                    case 9 -> compact(true);
                    case 10 -> compact(false);
                    case 11 -> rollBack();
                    case 12 -> comeAgain();
                    case 13 -> removeDeletes();
                    case 14 -> convertDeletes();
                    case 15 -> dropRows();
                    default -> evolve();
                };
        steps.append(", ").append(done);
    }

    private RowDelta delta() {
        RowDelta delta = table.newRowDelta();
        Snapshot read = table.currentSnapshot();
        return read == null ? delta : delta.validateFromSnapshot(read.snapshotId());
    }

    private Record row() {
        Record row = GenericRecord.create(table.schema());
        row.setField("id", random.nextInt(25) == 0 ? null : (Object) (long) random.nextInt(IDS));
        row.setField("event", random.nextInt(25) == 0 ? null : time());
        row.setField("created", random.nextInt(4) == 0 ? null : time());
        int value = ++values;
        row.setField("value", random.nextInt(9) == 0 ? null : (Object) value);
        row.setField(text(), random.nextInt(9) == 0 ? null : "t" + value);
        return row;
    }

    /// The text's name, which changes.
    private String text() {
        return table.schema().findColumnName(textId);
    }

    private java.time.OffsetDateTime time() {
        return START.plusSeconds(random.nextInt(SECONDS)).atOffset(java.time.ZoneOffset.UTC);
    }

    private String append() {
        List<Record> rows = new ArrayList<>();
        for (int i = 0, n = 1 + random.nextInt(12); i < n; i++) {
            rows.add(row());
        }
        var append = table.newAppend();
        write(rows).forEach(append::appendFile);
        append.commit();
        return "append";
    }

    /// One file for each partition, sometimes two.
    private List<DataFile> write(List<Record> rows) {
        Map<String, List<Record>> byPartition = new HashMap<>();
        PartitionKey key = new PartitionKey(table.spec(), table.schema());
        InternalRecordWrapper wrapper = new InternalRecordWrapper(table.schema().asStruct());
        boolean two = random.nextInt(4) == 0;
        for (Record row : rows) {
            key.partition(wrapper.wrap(row));
            byPartition
                    .computeIfAbsent(key + (two && random.nextBoolean() ? "b" : ""), _ -> new ArrayList<>())
                    .add(row);
        }
        return byPartition.values().stream()
                .map(part -> TableFiles.write(table, part))
                .toList();
    }

    private List<FileScanTask> tasks() {
        if (table.currentSnapshot() == null) {
            return List.of();
        }
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            List<FileScanTask> all = new ArrayList<>();
            tasks.forEach(all::add);
            all.sort(java.util.Comparator.comparing(task -> task.file().location()));
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable FileScanTask anyTask() {
        List<FileScanTask> tasks = tasks();
        return tasks.isEmpty() ? null : tasks.get(random.nextInt(tasks.size()));
    }

    private String deletePositions() {
        FileScanTask task = anyTask();
        if (task == null) {
            return "nothing";
        }
        TreeSet<Long> positions = new TreeSet<>();
        for (int i = 0, n = 1 + random.nextInt(3); i < n; i++) {
            positions.add(random.nextLong(task.file().recordCount()));
        }
        RowDelta delta = delta();
        delta.addDeletes(positionDelete(task, positions, delta));
        delta.commit();
        return "delete positions " + positions;
    }

    /// A new vector replaces the old one and holds its positions too.
    private DeleteFile positionDelete(FileScanTask task, NavigableSet<Long> positions, @Nullable RowDelta delta) {
        DataFile file = task.file();
        try {
            if (!vectors) {
                PositionDeleteWriter<Record> deletes = Parquet.writeDeletes(newFile())
                        .withSpec(task.spec())
                        .withPartition(file.partition())
                        .overwrite()
                        .buildPositionWriter();
                try (deletes) {
                    for (long position : positions) {
                        PositionDelete<Record> delete = PositionDelete.create();
                        deletes.write(delete.set(file.location(), position));
                    }
                }
                return deletes.toDeleteFile();
            }
            for (DeleteFile old : task.deletes()) {
                if (old.content() == FileContent.POSITION_DELETES) {
                    new BaseDeleteLoader(delete -> table.io().newInputFile(delete))
                            .loadPositionDeletes(List.of(old), file.location())
                            .forEach(positions::add);
                    if (delta != null) {
                        delta.removeDeletes(old);
                    }
                }
            }
            OutputFileFactory out = OutputFileFactory.builderFor(table, 1, random.nextLong(1L << 40))
                    .format(FileFormat.PUFFIN)
                    .build();
            DVFileWriter writer = new BaseDVFileWriter(out, _ -> PositionDeleteIndex.empty());
            try (writer) {
                for (long position : positions) {
                    writer.delete(file.location(), position, task.spec(), file.partition());
                }
            }
            return writer.result().deleteFiles().getFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private org.apache.iceberg.io.OutputFile newFile() {
        return table.io().newOutputFile(table.location() + "/data/" + UUID.randomUUID() + ".parquet");
    }

    /// By the key alone, the key and another column, or without the key.
    private String deleteEqual() {
        Record victim = row();
        List<String> names =
                switch (random.nextInt(5)) {
                    case 0, 1 -> List.of("id");
                    case 2 -> List.of("id", "event");
                    case 3 -> List.of("id", "created");
                    default -> List.of("event");
                };
        Schema schema = table.schema().select(names);
        Record key = GenericRecord.create(schema);
        schema.columns().forEach(field -> key.setField(field.name(), victim.getField(field.name())));
        try {
            PartitionKey partition = null;
            if (!table.spec().isUnpartitioned()) {
                partition = new PartitionKey(table.spec(), table.schema());
                partition.partition(new InternalRecordWrapper(table.schema().asStruct()).wrap(victim));
            }
            EqualityDeleteWriter<Record> deletes = Parquet.writeDeletes(newFile())
                    .forTable(table)
                    .rowSchema(schema)
                    .withPartition(partition)
                    .equalityFieldIds(schema.columns().stream()
                            .map(Types.NestedField::fieldId)
                            .toList())
                    .createWriterFunc(GenericParquetWriter::create)
                    .overwrite()
                    .buildEqualityWriter();
            try (deletes) {
                deletes.write(key);
            }
            RowDelta delta = delta().addDeletes(deletes.toDeleteFile());
            if (random.nextInt(3) == 0) {
                write(List.of(victim, row())).forEach(delta::addRows);
            }
            delta.commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "delete equal " + names;
    }

    /// The live rows of one file.
    private List<Record> live(FileScanTask task) {
        List<Record> rows = new ArrayList<>();
        var reader = new org.apache.iceberg.data.GenericDeleteFilter(table.io(), task, table.schema(), table.schema());
        Schema projection = reader.requiredSchema();
        try (CloseableIterable<Record> all = Parquet.read(table.io().newInputFile(task.file()))
                        .project(projection)
                        .createReaderFunc(type -> org.apache.iceberg.data.parquet.GenericParquetReaders.buildReader(
                                projection,
                                type,
                                Map.of(
                                        org.apache.iceberg.MetadataColumns.FILE_PATH.fieldId(),
                                        task.file().location())))
                        .build();
                CloseableIterable<Record> kept = reader.filter(all)) {
            kept.forEach(row -> {
                Record copy = GenericRecord.create(table.schema());
                table.schema().columns().forEach(field -> copy.setField(field.name(), row.getField(field.name())));
                rows.add(copy);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    private String copyOnWrite() {
        FileScanTask task = anyTask();
        if (task == null) {
            return "nothing";
        }
        List<Record> rows = live(task);
        if (!rows.isEmpty()) {
            rows.remove(random.nextInt(rows.size()));
        }
        if (random.nextBoolean()) {
            rows.add(row());
        }
        OverwriteFiles overwrite = table.newOverwrite().deleteFile(task.file());
        write(rows).forEach(overwrite::addFile);
        overwrite.commit();
        removed.add(task.file());
        return "copy on write";
    }

    private String dropFile() {
        FileScanTask task = anyTask();
        if (task == null) {
            return "nothing";
        }
        table.newDelete().deleteFile(task.file()).commit();
        removed.add(task.file());
        return "drop a file";
    }

    /// Rewrites some files, or all, in another order of rows.
    private String compact(boolean keepsSequence) {
        List<FileScanTask> tasks = tasks();
        if (tasks.isEmpty()) {
            return "nothing";
        }
        boolean all = random.nextBoolean();
        Snapshot read = table.currentSnapshot();
        RewriteFiles rewrite = table.newRewrite().validateFromSnapshot(read.snapshotId());
        List<Record> rows = new ArrayList<>();
        int rewritten = 0;
        for (FileScanTask task : tasks) {
            if (all || random.nextBoolean()) {
                rows.addAll(live(task));
                rewrite.deleteFile(task.file());
                rewritten++;
            }
        }
        if (rewritten == 0) {
            return "nothing";
        }
        if (random.nextBoolean()) {
            java.util.Collections.shuffle(rows, random);
        }
        String meanwhile = "";
        if (keepsSequence) {
            rewrite.dataSequenceNumber(read.sequenceNumber());
            for (int i = 0, n = random.nextInt(3); i < n; i++) {
                meanwhile += ", meanwhile " + deleteEqual();
            }
        }
        write(rows).forEach(rewrite::addFile);
        rewrite.commit();
        return "compact %d of %d%s"
                .formatted(rewritten, tasks.size(), keepsSequence ? meanwhile : " without its sequence");
    }

    /// A replace that breaks its promise: a live row is gone. An equality delete, even one that hits nothing,
    /// would hide that from whoever counts.
    private String dropRows() {
        FileScanTask task = anyTask();
        if (task == null || !"0".equals(table.currentSnapshot().summary().get("total-equality-deletes"))) {
            return "nothing";
        }
        List<Record> rows = live(task);
        if (rows.isEmpty()) {
            return "nothing";
        }
        rows.remove(random.nextInt(rows.size()));
        RewriteFiles rewrite = table.newRewrite()
                .validateFromSnapshot(table.currentSnapshot().snapshotId())
                .deleteFile(task.file());
        write(rows).forEach(rewrite::addFile);
        rewrite.commit();
        removed.add(task.file());
        return "replace with a row less";
    }

    private String rollBack() {
        List<Snapshot> ancestors = new ArrayList<>();
        SnapshotUtil.currentAncestors(table).forEach(ancestors::add);
        Snapshot to = ancestors.get(random.nextInt(Math.min(4, ancestors.size())));
        table.manageSnapshots().rollbackTo(to.snapshotId()).commit();
        return "roll back";
    }

    /// Adds a file again that was removed: its path comes again with another sequence number.
    private String comeAgain() {
        List<String> live = tasks().stream().map(task -> task.file().location()).toList();
        removed.removeIf(file -> live.contains(file.location()));
        if (removed.isEmpty()) {
            FileScanTask task = anyTask();
            if (task == null) {
                return "nothing";
            }
            table.newDelete().deleteFile(task.file()).commit();
            table.newAppend().appendFile(task.file()).commit();
            return "remove and add a path";
        }
        DataFile file = removed.remove(random.nextInt(removed.size()));
        table.newAppend().appendFile(file).commit();
        return "a path comes again";
    }

    /// Rows come alive again.
    private String removeDeletes() {
        for (FileScanTask task : tasks()) {
            if (!task.deletes().isEmpty()) {
                delta().removeDeletes(task.deletes().getFirst()).commit();
                return "remove a delete file";
            }
        }
        return "nothing";
    }

    /// Replaces an equality delete by position deletes of one file.
    private String convertDeletes() {
        for (FileScanTask task : tasks()) {
            for (DeleteFile delete : task.deletes()) {
                if (delete.content() == FileContent.EQUALITY_DELETES) {
                    RowDelta delta = delta().removeDeletes(delete);
                    TreeSet<Long> positions = new TreeSet<>();
                    positions.add(random.nextLong(task.file().recordCount()));
                    delta.addDeletes(positionDelete(task, positions, delta));
                    delta.commit();
                    return "convert an equality delete";
                }
            }
        }
        return "nothing";
    }

    private String evolve() {
        switch (random.nextInt(6)) {
            case 4 ->
                table.updateSchema().renameColumn(text(), "text" + ++values).commit();
            case 0 ->
                table.updateProperties()
                        .set(
                                TableProperties.DEFAULT_NAME_MAPPING,
                                "[{\"field-id\":1,\"names\":[\"id%d\"]}]".formatted(++values))
                        .commit();
            case 3 ->
                table.updateSchema()
                        .addColumn("more" + ++values, Types.LongType.get())
                        .commit();
            case 1 -> table.updateSchema().moveFirst(text()).commit();
            case 2 -> {
                if (table.spec().isUnpartitioned()) {
                    table.updateSpec().addField(Expressions.bucket("id", 3)).commit();
                }
            }
            default -> table.updateProperties().set("comment", "c" + ++values).commit();
        }
        return "evolve";
    }
}
