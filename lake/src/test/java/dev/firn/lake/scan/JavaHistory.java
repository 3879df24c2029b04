package dev.firn.lake.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.SnapshotUtil;

/// Random steps that Iceberg's own writers take with one table: position and equality deletes, deletion
/// vectors, evolution of schema, structs and specs, compactions and rollbacks.
final class JavaHistory {
    static final Schema SCHEMA = new Schema(
            NestedField.optional(1, "id", Types.IntegerType.get()),
            NestedField.optional(2, "ts", Types.TimestampType.withZone()),
            NestedField.optional(3, "name", Types.StringType.get()),
            NestedField.optional(4, "ratio", Types.FloatType.get()),
            NestedField.optional(5, "amount", Types.DecimalType.of(9, 2)),
            NestedField.optional(6, "uid", Types.UUIDType.get()),
            NestedField.optional(7, "raw", Types.BinaryType.get()),
            NestedField.optional(8, "code", Types.FixedType.ofLength(5)),
            NestedField.optional(9, "day", Types.DateType.get()),
            NestedField.optional(10, "at", Types.TimeType.get()),
            NestedField.optional(11, "flag", Types.BooleanType.get()),
            NestedField.optional(12, "local", Types.TimestampType.withoutZone()),
            NestedField.optional(13, "big", Types.LongType.get()),
            NestedField.optional(14, "tags", Types.ListType.ofOptional(20, Types.StringType.get())),
            NestedField.optional(
                    15,
                    "place",
                    Types.StructType.of(
                            NestedField.optional(21, "x", Types.DoubleType.get()),
                            NestedField.optional(22, "y", Types.LongType.get()))),
            NestedField.optional(
                    16, "counts", Types.MapType.ofOptional(23, 24, Types.StringType.get(), Types.IntegerType.get())));

    final List<String> steps = new ArrayList<>();
    private final FeatureTable table;
    private final Random random;
    private final boolean nestedDeletes;
    private final List<DataFile> written = new ArrayList<>();

    private JavaHistory(FeatureTable table, Random random, boolean nestedDeletes) {
        this.table = table;
        this.random = random;
        this.nestedDeletes = nestedDeletes;
    }

    static JavaHistory of(FeatureTable table, Random random) {
        return new JavaHistory(table, random, true);
    }

    /// Trino 483 mistakes an equality delete by a field within a struct and another column for a delete by the
    /// other column alone.
    static JavaHistory withoutNestedDeletes(FeatureTable table, Random random) {
        return new JavaHistory(table, random, false);
    }

    static PartitionSpec spec(int seed) {
        return switch (seed % 3) {
            case 0 -> PartitionSpec.unpartitioned();
            case 1 -> PartitionSpec.builderFor(SCHEMA).bucket("id", 3).build();
            default ->
                PartitionSpec.builderFor(SCHEMA).identity("flag").month("ts").build();
        };
    }

    /// The first step appends.
    void step() {
        steps.add(steps.isEmpty() ? append(table, random, written) : anyStep());
    }

    private String anyStep() {
        return switch (random.nextInt(14)) {
            case 0, 1 -> append(table, random, written);
            case 2 -> deletePositions(table, random, written);
            case 3 -> deleteEqual(table, random, "id");
            case 4 -> deleteEqual(table, random, "name", "flag");
            case 5 -> deleteEqual(table, random, "big", "day", "raw");
            case 6 -> deleteEqual(table, random, nestedDeletes ? "place.x" : "at", "id");
            case 7 -> rename(table, random);
            case 8 -> promote(table);
            case 9 -> addOrDrop(table, random);
            case 10 -> evolvePlace(table, random);
            case 11 -> compact(table, written);
            case 12 -> rollBack(table, random, written);
            default -> respec(table, random);
        };
    }

    /// Rewrites all live rows with the sequence number at which they were read, like OPTIMIZE.
    private static String compact(FeatureTable table, List<DataFile> written) {
        List<DataFile> rewritten = table.write(table.live());
        Snapshot read = table.table.currentSnapshot();
        RewriteFiles rewrite = table.table
                .newRewrite()
                .validateFromSnapshot(read.snapshotId())
                .dataSequenceNumber(read.sequenceNumber());
        table.files().forEach(rewrite::deleteFile);
        rewritten.forEach(rewrite::addFile);
        rewrite.commit();
        written.clear();
        written.addAll(table.filesWithoutPositionDeletes());
        return "compact";
    }

    private static String rollBack(FeatureTable table, Random random, List<DataFile> written) {
        List<HistoryEntry> history = table.table.history();
        long to = history.get(random.nextInt(history.size())).snapshotId();
        if (!SnapshotUtil.isAncestorOf(table.table, to)) {
            return "nothing";
        }
        table.table.manageSnapshots().rollbackTo(to).commit();
        written.clear();
        written.addAll(table.filesWithoutPositionDeletes());
        return "roll back to " + to;
    }

    /// Changes the struct: reuses the name of a dropped field, promotes, reorders or renames.
    private static String evolvePlace(FeatureTable table, Random random) {
        Types.StructType place = table.table.schema().findType("place").asStructType();
        String last = "place." + place.fields().getLast().name();
        switch (random.nextInt(5)) {
            case 0 -> {
                if (place.fields().size() > 1) {
                    table.table.updateSchema().deleteColumn(last).commit();
                }
                table.table
                        .updateSchema()
                        .addColumn("place", "n" + place.fields().size(), Types.IntegerType.get())
                        .commit();
            }
            case 1 -> {
                if (place.fields().size() > 1) {
                    table.table.updateSchema().deleteColumn(last).commit();
                    table.table
                            .updateSchema()
                            .addColumn("place", last.substring(6), Types.StringType.get())
                            .commit();
                }
            }
            case 2 -> {
                if (place.fields().getLast().type() instanceof Types.IntegerType) {
                    table.table
                            .updateSchema()
                            .updateColumn(last, Types.LongType.get())
                            .commit();
                }
            }
            case 3 -> table.table.updateSchema().moveFirst(last).commit();
            default ->
                table.table
                        .updateSchema()
                        .renameColumn(last, place.fields().getLast().name() + "_")
                        .commit();
        }
        return "evolve place from " + place;
    }

    private static String append(FeatureTable table, Random random, List<DataFile> written) {
        List<Record> rows = new ArrayList<>();
        for (int i = 0, count = 150 + random.nextInt(300); i < count; i++) {
            rows.add(table.random(random));
        }
        written.addAll(table.append(rows));
        return "append";
    }

    private static String deletePositions(FeatureTable table, Random random, List<DataFile> written) {
        if (written.isEmpty()) {
            append(table, random, written);
        }
        DataFile file = written.remove(random.nextInt(written.size()));
        table.deletePositions(
                file,
                random.longs(0, file.recordCount())
                        .limit(1 + file.recordCount() / 5)
                        .distinct()
                        .sorted()
                        .toArray());
        if (written.isEmpty()) {
            append(table, random, written);
        }
        return "delete positions";
    }

    private static String deleteEqual(FeatureTable table, Random random, String... names) {
        List<NestedField> fields = new ArrayList<>();
        for (String name : names) {
            NestedField field = table.table.schema().findField(name);
            if (field != null) {
                fields.add(field);
            }
        }
        if (fields.isEmpty()) {
            return "nothing";
        }
        Schema schema = TypeUtil.select(
                table.table.schema(), fields.stream().map(NestedField::fieldId).collect(Collectors.toSet()));
        List<Record> deletes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            deletes.add(projected(schema.asStruct(), table.random(random)));
        }
        if (!table.table.spec().isUnpartitioned()) {
            table.table.updateSpec().addField(Expressions.year("ts")).commit();
            new ArrayList<>(table.table.spec().fields())
                    .forEach(field ->
                            table.table.updateSpec().removeField(field.name()).commit());
        }
        PartitionSpec global = table.table.specs().values().stream()
                .filter(PartitionSpec::isUnpartitioned)
                .findFirst()
                .orElseThrow();
        table.commit(table.equalityDelete(
                fields.stream().mapToInt(NestedField::fieldId).toArray(), deletes, schema, global, null));
        return "delete equal " + fields;
    }

    private static Record projected(Types.StructType struct, Record full) {
        Record part = GenericRecord.create(struct);
        for (NestedField field : struct.fields()) {
            Object value = full.getField(field.name());
            part.setField(
                    field.name(),
                    value instanceof Record nested ? projected(field.type().asStructType(), nested) : value);
        }
        return part;
    }

    private static String rename(FeatureTable table, Random random) {
        NestedField field = table.table.schema().columns().get(3 + random.nextInt(3));
        table.table
                .updateSchema()
                .renameColumn(field.name(), field.name() + "_")
                .commit();
        return "rename " + field.name();
    }

    private static String promote(FeatureTable table) {
        for (NestedField field : table.table.schema().columns()) {
            switch (field.type()) {
                case Types.IntegerType _ ->
                    table.table
                            .updateSchema()
                            .updateColumn(field.name(), Types.LongType.get())
                            .commit();
                case Types.FloatType _ ->
                    table.table
                            .updateSchema()
                            .updateColumn(field.name(), Types.DoubleType.get())
                            .commit();
                case Types.DecimalType decimal ->
                    table.table
                            .updateSchema()
                            .updateColumn(
                                    field.name(),
                                    Types.DecimalType.of(Math.min(38, decimal.precision() + 10), decimal.scale()))
                            .commit();
                default -> {}
            }
        }
        return "promote";
    }

    private static String addOrDrop(FeatureTable table, Random random) {
        if (table.table.schema().findField("extra") != null) {
            table.table.updateSchema().deleteColumn("extra").commit();
            return "drop extra";
        }
        if (TableUtil.formatVersion(table.table) > 2 && random.nextBoolean()) {
            table.table
                    .updateSchema()
                    .addColumn("extra", Types.LongType.get(), null, org.apache.iceberg.expressions.Literal.of(42L))
                    .commit();
            return "add extra with default";
        }
        table.table.updateSchema().addColumn("extra", Types.StringType.get()).commit();
        return "add extra";
    }

    private static String respec(FeatureTable table, Random random) {
        if (table.table.spec().isUnpartitioned()) {
            table.table
                    .updateSpec()
                    .addField(
                            random.nextBoolean()
                                    ? Expressions.day("ts")
                                    : Expressions.bucket("id", 2 + random.nextInt(3)))
                    .commit();
        } else {
            String name = table.table.spec().fields().getFirst().name();
            table.table.updateSpec().removeField(name).commit();
        }
        return "respec";
    }
}
