package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.engine.MemoryBudget;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rule 13: deletes of every kind, by columns of every type.
final class DeletesTest {
    private static final OffsetDateTime NOON = OffsetDateTime.parse("2024-03-01T12:00:00Z");
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final Schema SCHEMA = new Schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "ts", Types.TimestampType.withZone()),
            NestedField.optional(3, "value", Types.IntegerType.get()));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private FeatureTable table(Schema schema, int version) {
        return FeatureTable.create(folder, schema, PartitionSpec.unpartitioned(), version);
    }

    private static Schema keyed(org.apache.iceberg.types.Type type) {
        return new Schema(
                NestedField.optional(1, "id", Types.LongType.get()),
                NestedField.optional(2, "ts", Types.TimestampType.withZone()),
                NestedField.optional(3, "key", type));
    }

    private static Record delete(Schema schema, @Nullable Object... values) {
        GenericRecord delete = GenericRecord.create(schema);
        for (int i = 0; i < values.length; i++) {
            delete.set(i, values[i]);
        }
        return delete;
    }

    private static int[] ids(Schema schema, String... names) {
        return Stream.of(names)
                .mapToInt(name -> schema.findField(name).fieldId())
                .toArray();
    }

    /// Its type is unknown then, and Iceberg cannot compare its values.
    @Test
    void rule14ADeleteAppliesToFilesOfAPartitionByADroppedColumn() {
        FeatureTable table = FeatureTable.create(
                folder,
                SCHEMA,
                PartitionSpec.builderFor(SCHEMA).identity("value").build(),
                3);
        table.append(List.of(table.row("id", 1L, "ts", NOON, "value", 1), table.row("id", 2L, "ts", NOON, "value", 2)));
        table.table.updateSpec().removeField("value").commit();
        table.table.updateSchema().deleteColumn("value").commit();
        Schema byId = table.table.schema().select("id");
        table.commit(table.equalityDelete(new int[] {1}, List.of(delete(byId, 1L)), byId, table.table.spec(), null));

        assertThat(ScannedRows.all(table.head(), COLUMNS)).hasSize(1);
    }

    @Test
    void rule14ADeleteOfAPartitionByADroppedColumnLeavesTheOthersAlone() {
        FeatureTable table = FeatureTable.create(
                folder,
                SCHEMA,
                PartitionSpec.builderFor(SCHEMA).identity("value").build(),
                3);
        List<DataFile> files = table.append(
                List.of(table.row("id", 1L, "ts", NOON, "value", 1), table.row("id", 1L, "ts", NOON, "value", 2)));
        Schema byId = SCHEMA.select("id");
        table.commit(table.equalityDelete(
                new int[] {1},
                List.of(delete(byId, 1L)),
                byId,
                table.table.spec(),
                files.getFirst().partition()));
        assertThat(ScannedRows.all(table.head(), COLUMNS)).hasSize(1);
        table.table.updateSpec().removeField("value").commit();
        table.table.updateSchema().deleteColumn("value").commit();

        assertThat(ScannedRows.all(table.head(), COLUMNS)).hasSize(1);
    }

    @Test
    void rule14UuidsAreDeletedWithAnyHighestBit() {
        FeatureTable table = table(keyed(Types.UUIDType.get()), 2);
        List<UUID> keys = LongStream.of(0x1000000000000000L, 0x5000000000000000L, 0xF000000000000000L)
                .mapToObj(high -> new UUID(high, 7))
                .toList();
        List<Record> rows = new ArrayList<>();
        keys.forEach(key -> rows.add(table.row("id", 1L, "ts", NOON, "key", key)));
        table.append(rows);
        Schema byKey = table.table.schema().select("key");

        table.deleteEqual(new int[] {3}, List.of(delete(byKey, keys.get(1))), byKey);

        assertThat(ScannedRows.all(table.head(), COLUMNS))
                .hasSize(2)
                .noneMatch(row -> row.contains(keys.get(1).toString()));
    }

    /// Bounds never include NaN, so those of both files seem not to overlap. Every NaN equals every other,
    /// whatever its bits.
    @ParameterizedTest
    @ValueSource(strings = {"float", "double"})
    void rule13ANaNIsDeletedAlthoughBoundsDoNotShowIt(String type) {
        FeatureTable table = table(keyed(Types.fromPrimitiveString(type)), 2);
        boolean narrow = type.equals("float");
        List<Object> keys = narrow
                ? List.of(Float.NaN, Float.intBitsToFloat(0x7FC00123), 5f, 7f)
                : List.of(Double.NaN, Double.longBitsToDouble(0xFFF8000000000123L), 5d, 7d);
        List<Record> rows = new ArrayList<>();
        keys.forEach(key -> rows.add(table.row("id", 1L, "ts", NOON, "key", key)));
        table.append(rows);
        Schema byKey = table.table.schema().select("key");

        table.deleteEqual(
                new int[] {3},
                List.of(delete(byKey, keys.getFirst()), delete(byKey, narrow ? (Object) 100f : 100d)),
                byKey);

        assertThat(ScannedRows.all(table.head(), COLUMNS))
                .containsExactly("[1, 2024-03-01T12:00Z, 5.0]", "[1, 2024-03-01T12:00Z, 7.0]");
    }

    @Test
    void aFieldWithinAStructDeletes() {
        Types.StructType place = Types.StructType.of(
                NestedField.required(11, "code", Types.StringType.get()),
                NestedField.optional(12, "floor", Types.IntegerType.get()));
        Schema schema = keyed(place);
        FeatureTable table = table(schema, 2);
        List<Record> rows = new ArrayList<>();
        for (long i = 0; i < 300; i++) {
            Record at = GenericRecord.create(place);
            at.setField("code", "c" + i % 10);
            at.setField("floor", i % 7 == 0 ? null : (int) i % 3);
            rows.add(table.row("id", i, "ts", NOON.plusMinutes(i), "key", i % 11 == 0 ? null : at));
        }
        table.append(rows);
        Schema byPlace = table.table.schema().select("key.code", "key.floor");
        Types.StructType compared = byPlace.findType("key").asStructType();
        Record two = GenericRecord.create(compared);
        two.setField("code", "c2");
        two.setField("floor", 2);
        Record noFloor = GenericRecord.create(compared);
        noFloor.setField("code", "c7");

        table.deleteEqual(
                ids(byPlace, "key.code", "key.floor"),
                List.of(delete(byPlace, two), delete(byPlace, noFloor)),
                byPlace);

        assertThat(ScannedRows.all(table.head(), COLUMNS))
                .isEqualTo(table.oracle("ts"))
                .hasSizeLessThan(300)
                .noneMatch(row -> row.contains("c2, 2"))
                .noneMatch(row -> row.contains("c7, null"));
    }

    @Test
    void aFieldWithinAStructDeletesRowsWithoutTheStruct() {
        Types.StructType place = Types.StructType.of(NestedField.required(11, "code", Types.IntegerType.get()));
        Schema schema = keyed(place);
        FeatureTable table = table(schema, 2);
        Record one = GenericRecord.create(place);
        one.setField("code", 1);
        Record nine = GenericRecord.create(place);
        nine.setField("code", 9);
        table.append(
                List.of(table.row("id", 1L, "ts", NOON, "key", one), table.row("id", 2L, "ts", NOON, "key", null)));
        Schema byCode = table.table.schema().select("key.code");

        table.deleteEqual(
                ids(byCode, "key.code"), List.of(delete(byCode, nine), delete(byCode, (Object) null)), byCode);

        assertThat(ScannedRows.all(table.head(), COLUMNS)).hasSize(1).allMatch(row -> row.startsWith("[1,"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "boolean",
                "int",
                "long",
                "float",
                "double",
                "string",
                "uuid",
                "binary",
                "fixed[5]",
                "decimal(9, 2)",
                "decimal(30, 4)",
                "date",
                "time",
                "timestamp",
                "timestamptz",
                "timestamp_ns",
                "timestamptz_ns"
            })
    void valuesOfEveryTypeDelete(String type) {
        Random random = new Random(type.hashCode());
        FeatureTable table = table(keyed(Types.fromPrimitiveString(type)), 3);
        Schema byKey = table.table.schema().select("key");
        List<Record> deletes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            deletes.add(delete(byKey, i == 0 ? null : FeatureTable.random(byKey.findType("key"), random)));
        }
        List<Record> live = new ArrayList<>(append(table, random, 500));
        live.addAll(append(table, random, 500));
        table.deleteEqual(new int[] {3}, deletes, byKey);
        removeEqual(live, deletes);
        live.addAll(append(table, random, 500));
        table.deleteEqual(new int[] {3}, deletes.subList(5, 8), byKey);
        removeEqual(live, deletes.subList(5, 8));

        assertThat(ScannedRows.all(table.head(), COLUMNS))
                .as("deletes by %s", type)
                .isEqualTo(live.stream()
                        .filter(row -> row.getField("ts") != null)
                        .map(DeletesTest::text)
                        .sorted()
                        .toList())
                .hasSizeBetween(1, 1_400);
    }

    /// Compares by the text of the key, because Iceberg's own reader ignores deletes by a fixed column.
    private static void removeEqual(List<Record> live, List<Record> deletes) {
        Set<String> keys = new HashSet<>();
        deletes.forEach(delete -> keys.add(FeatureTable.text(delete.get(0))));
        live.removeIf(row -> keys.contains(FeatureTable.text(row.getField("key"))));
    }

    private static String text(Record row) {
        return Stream.of("id", "ts", "key")
                .map(name -> FeatureTable.text(row.getField(name)))
                .toList()
                .toString();
    }

    private static List<Record> append(FeatureTable table, Random random, int count) {
        List<Record> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(table.random(random));
        }
        table.append(rows);
        return rows;
    }

    @ParameterizedTest
    @EnumSource(
            value = FileFormat.class,
            names = {"AVRO", "PARQUET"})
    void deleteFilesInAvroAreAppliedToo(FileFormat format) {
        Random random = new Random(5);
        Schema schema = new Schema(
                NestedField.optional(1, "id", Types.LongType.get()),
                NestedField.optional(2, "ts", Types.TimestampType.withZone()),
                NestedField.optional(3, "name", Types.StringType.get()),
                NestedField.optional(4, "amount", Types.DecimalType.of(9, 2)),
                NestedField.optional(5, "flag", Types.BooleanType.get()));
        FeatureTable table = table(schema, 2);
        append(table, random, 800);
        Schema compared = schema.select("name", "flag");
        List<Record> deletes = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Record row = table.random(random);
            deletes.add(delete(compared, row.getField("name"), row.getField("flag")));
        }

        table.commit(
                table.equalityDelete(format, new int[] {3, 5}, deletes, compared, PartitionSpec.unpartitioned(), null));

        assertThat(ScannedRows.all(table.head(), COLUMNS))
                .isEqualTo(table.oracle("ts"))
                .hasSizeBetween(300, 720);
    }

    @Test
    void deleteFilesInOrcAreRefused() {
        FeatureTable table = table(SCHEMA, 2);
        table.append(rows(table, 10));
        table.commit(FileMetadata.deleteFileBuilder(PartitionSpec.unpartitioned())
                .ofEqualityDeletes(1)
                .withPath(table.table.location() + "/data/deletes.orc")
                .withFormat(FileFormat.ORC)
                .withFileSizeInBytes(10)
                .withRecordCount(1)
                .build());
        assertThatThrownBy(() -> ScannedRows.all(table.head(), COLUMNS))
                .hasMessageContaining("deletes.orc")
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("UNSUPPORTED_TABLE"));
    }

    @Test
    void deletesOfOnePartitionLeaveTheOthersAlone() {
        PartitionSpec byValue =
                PartitionSpec.builderFor(SCHEMA).identity("value").build();
        FeatureTable table = FeatureTable.create(folder, SCHEMA, byValue, 2);
        List<DataFile> files = table.append(List.of(
                table.row("id", 1L, "ts", NOON, "value", 1),
                table.row("id", 1L, "ts", NOON, "value", 2),
                table.row("id", 2L, "ts", NOON, "value", 2)));
        Schema byId = SCHEMA.select("id");
        table.commit(table.equalityDelete(
                new int[] {1},
                List.of(delete(byId, 1L)),
                byId,
                byValue,
                files.getLast().partition()));
        table.append(List.of(table.row("id", 1L, "ts", NOON, "value", 2)));

        assertThat(ScannedRows.all(table.head(), COLUMNS))
                .isEqualTo(table.oracle("ts"))
                .containsExactly("[1, 2024-03-01T12:00Z, 1]", "[1, 2024-03-01T12:00Z, 2]", "[2, 2024-03-01T12:00Z, 2]");
        table.deletePositions(files.getLast(), 1);
        assertThat(ScannedRows.all(table.head(), COLUMNS))
                .isEqualTo(table.oracle("ts"))
                .hasSize(2);
    }

    /// There may be as many as the file has rows, and nobody counts their memory.
    @Test
    void positionsOfOneDataFileAreNotHeld() {
        FeatureTable table = FeatureTable.create(
                folder,
                SCHEMA,
                PartitionSpec.unpartitioned(),
                2,
                "write.parquet.row-group-size-bytes",
                "100000000",
                "write.parquet.page-row-limit",
                "20000");
        DataFile file = table.append(rows(table, 3)).getFirst();
        table.deletePositions(file, LongStream.range(1, 300_000).toArray());
        PinnedTable head = table.head();
        assertThat(ScannedRows.all(head, COLUMNS)).hasSize(1);

        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        new ScannedRows(head, COLUMNS, ScanBounds.NONE, new ScanSettings(1, 97));
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(4_000_000);
    }

    @Test
    void deletesThatCannotHitAKeyOfTheSpineAreNotKept() {
        FeatureTable table = table(SCHEMA, 2);
        table.append(rows(table, 4_000));
        Schema byId = SCHEMA.select("id");
        table.deleteEqual(
                new int[] {1},
                LongStream.range(10, 4_000).mapToObj(id -> delete(byId, id)).toList(),
                byId);
        ScanSettings tight = new ScanSettings(2, 97).withMaxDeleteBytes(4_000);
        ScanBounds few = ScanBounds.of(
                List.of((Column) LongColumn.of(3, 9, 12, 3_999)),
                List.of(KeyOrder.LONG),
                Long.MIN_VALUE,
                Long.MAX_VALUE);

        assertThat(new ScannedRows(table.head(), COLUMNS, few, tight).rows)
                .anyMatch(row -> row.startsWith("[3,"))
                .anyMatch(row -> row.startsWith("[9,"))
                .noneMatch(row -> row.startsWith("[12,") || row.startsWith("[3999,"));
        assertThatThrownBy(() -> new ScannedRows(table.head(), COLUMNS, ScanBounds.NONE, tight))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("DELETE_BUDGET_EXCEEDED"))
                .hasMessageContaining("3990 equality deletes in 1 files")
                .hasMessageContaining("more than the 3 KiB");
    }

    @Test
    void deletesCountInTheBudgetThatScansShareUntilTheScanEnds() {
        FeatureTable table = table(SCHEMA, 2);
        table.append(rows(table, 4_000));
        Schema byId = SCHEMA.select("id");
        table.deleteEqual(
                new int[] {1},
                LongStream.range(0, 2_000).mapToObj(id -> delete(byId, id)).toList(),
                byId);
        MemoryBudget budget = new MemoryBudget(1 << 20);
        ScanSettings shared = new ScanSettings(2, 97).withBudget(budget);
        List<Long> free = new ArrayList<>();
        ScanPlan plan = new ScanPlanner().plan(table.head(), COLUMNS, ScanBounds.NONE);
        new TableScan(table.head(), plan, shared)
                .stream(
                        COLUMNS,
                        () -> batch -> {
                            synchronized (free) {
                                free.add(budget.available());
                            }
                        },
                        () -> false,
                        ProgressSink.NONE);

        assertThat(free).isNotEmpty().allMatch(bytes -> bytes < (1 << 20) - 2_000 * 8);
        assertThat(budget.available()).isEqualTo(budget.bytes());
        try (MemoryBudget.Lease neighbour = budget.acquire((1 << 20) - 10_000, "a neighbour")) {
            assertThatThrownBy(() -> new ScannedRows(table.head(), COLUMNS, ScanBounds.NONE, shared))
                    .isInstanceOf(BudgetExceededException.class);
            assertThat(budget.available()).isEqualTo(budget.bytes() - neighbour.bytes());
        }
    }

    private static List<Record> rows(FeatureTable table, int count) {
        return LongStream.range(0, count)
                .mapToObj(i -> table.row("id", i, "ts", NOON.plusMinutes(i), "value", (int) i))
                .toList();
    }
}
