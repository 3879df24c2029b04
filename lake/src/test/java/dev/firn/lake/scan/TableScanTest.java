package dev.firn.lake.scan;

import static dev.firn.lake.scan.MinuteRows.COLUMNS;
import static dev.firn.lake.scan.MinuteRows.NOON;
import static dev.firn.lake.scan.MinuteRows.SCHEMA;
import static dev.firn.lake.scan.MinuteRows.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.lake.LakeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TableScanTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private FeatureTable table(PartitionSpec spec) {
        return FeatureTable.create(folder, SCHEMA, spec, 2);
    }

    @Test
    void rule15ReadsATableWithoutASnapshotAsEmpty() {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        ScannedRows rows = new ScannedRows(table.head(), COLUMNS, ScanBounds.NONE, ScanSettings.DEFAULTS);
        assertThat(rows.rows).isEmpty();
        assertThat(rows.plan.counts().filesTotal()).isZero();
    }

    @Test
    void rule3DropsRowsWithoutATimestamp() {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        table.append(List.of(table.row("id", 1L, "ts", null, "value", 1), table.row("id", 1L, "ts", NOON, "value", 2)));
        assertThat(ScannedRows.all(table.head(), COLUMNS)).containsExactly("[1, 2024-03-01T12:00Z, 2]");
    }

    @Test
    void rule7ReadsZonelessTimesInTheZoneOfTheView() {
        Schema schema = new Schema(
                NestedField.optional(1, "id", Types.LongType.get()),
                NestedField.optional(2, "ts", Types.TimestampType.withoutZone()));
        FeatureTable table = FeatureTable.create(folder, schema, PartitionSpec.unpartitioned(), 2);
        table.append(List.of(
                table.row("id", 1L, "ts", LocalDateTime.parse("2024-03-31T02:30:00")),
                table.row("id", 2L, "ts", LocalDateTime.parse("2024-10-27T02:30:00")),
                table.row("id", 3L, "ts", LocalDateTime.parse("1969-07-01T00:00:00.000001"))));
        ScannedRows rows = new ScannedRows(
                table.head(),
                new FeatureColumns(List.of(1), 2, null, ZoneId.of("Europe/Berlin")),
                ScanBounds.NONE,
                ScanSettings.DEFAULTS);
        assertThat(rows.timeByAddress.values())
                .containsExactly(
                        micros("2024-03-31T01:30:00Z"), // the gap: forward to 03:30 in +02:00
                        micros("2024-10-27T00:30:00Z"), // the overlap: the earlier offset, +02:00
                        micros("1969-06-30T23:00:00Z") + 1);
    }

    private static long micros(String instant) {
        return OffsetDateTime.parse(instant).toEpochSecond() * 1_000_000;
    }

    @Test
    void rule13OrdersFilesBySequenceNumberAndPath() {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        table.append(rows(table, 0, 3));
        table.append(rows(table, 3, 6));
        ScannedRows rows = new ScannedRows(table.head(), COLUMNS, ScanBounds.NONE, new ScanSettings(2, 2));
        assertThat(List.copyOf(rows.timeByAddress.values())).isSorted().hasSize(6);
    }

    @Test
    void rule13RefusesAFileThatIsListedTwice() {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        DataFile file = table.append(rows(table, 0, 3)).getFirst();
        table.table.newFastAppend().appendFile(file).commit();
        assertThatThrownBy(() -> ScannedRows.all(table.head(), COLUMNS))
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.code()).isEqualTo("UNSUPPORTED_TABLE"))
                .hasMessageContaining(file.location())
                .hasMessageContaining("twice");
    }

    @Test
    void rule13RefusesDataFilesThatAreNotParquet() {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        table.table
                .newAppend()
                .appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                        .withPath(table.table.location() + "/data/x.orc")
                        .withFormat(FileFormat.ORC)
                        .withFileSizeInBytes(10)
                        .withRecordCount(1)
                        .build())
                .commit();
        assertThatThrownBy(() -> ScannedRows.all(table.head(), COLUMNS))
                .hasMessageContaining("x.orc")
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.code()).isEqualTo("UNSUPPORTED_TABLE"));
    }

    @Test
    void rule13NeverGuessesByPositionWhereAFileHasNoIds() throws IOException {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        table.table.newAppend().appendFile(migrated(table, "m.parquet")).commit();
        assertThatThrownBy(() -> ScannedRows.all(table.head(), COLUMNS))
                .hasMessageContaining("no field ids")
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.code()).isEqualTo("UNSUPPORTED_TABLE"));
    }

    @Test
    void rule13FollowsTheNameMappingOfMigratedFiles() throws IOException {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        table.table
                .updateProperties()
                .set("schema.name-mapping.default", NameMappingParser.toJson(MappingUtil.create(SCHEMA)))
                .commit();
        table.table.updateSchema().renameColumn("value", "amount").commit();
        table.table.newAppend().appendFile(migrated(table, "m.parquet")).commit();
        assertThat(ScannedRows.all(table.head(), COLUMNS)).containsExactly("[7, 1970-01-01T00:00:05Z, 70]");
    }

    /// A file with columns in another order than the table's and without ids.
    private DataFile migrated(FeatureTable table, String name) throws IOException {
        MessageType schema = MessageTypeParser.parseMessageType(
                "message m { optional int32 value; optional int64 ts (TIMESTAMP(MILLIS,true)); optional int32 id; }");
        Path path = folder.resolve("table/data").resolve(name);
        Files.createDirectories(path.getParent());
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(path))
                .withType(schema)
                .build()) {
            Group group = new SimpleGroupFactory(schema).newGroup();
            group.add("value", 70);
            group.add("ts", 5_000L);
            group.add("id", 7);
            writer.write(group);
        }
        return DataFiles.builder(table.table.spec())
                .withPath(path.toString())
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(Files.size(path))
                .withRecordCount(1)
                .build();
    }

    @Test
    void rule14NeverPrunesUuidsInSignedOrder() {
        Schema schema = new Schema(
                NestedField.optional(1, "id", Types.UUIDType.get()),
                NestedField.optional(2, "ts", Types.TimestampType.withZone()));
        FeatureTable table = FeatureTable.create(folder, schema, PartitionSpec.unpartitioned(), 2);
        UUID low = UUID.fromString("10000000-0000-0000-0000-000000000000");
        UUID wanted = UUID.fromString("50000000-0000-0000-0000-000000000000");
        UUID high = UUID.fromString("f0000000-0000-0000-0000-000000000000");
        table.append(List.of(
                table.row("id", low, "ts", NOON),
                table.row("id", wanted, "ts", NOON),
                table.row("id", high, "ts", NOON)));
        assertThat(scanOf(table, wanted).rows).hasSize(3);
        assertThat(scanOf(table, high).rows).hasSize(3);
        ScannedRows beyond = scanOf(table, UUID.fromString("f1000000-0000-0000-0000-000000000000"));
        assertThat(beyond.rows).isEmpty();
        assertThat(beyond.plan.counts().skippedInAll().rowGroups()).isOne();
    }

    private static ScannedRows scanOf(FeatureTable table, UUID key) {
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(key.getMostSignificantBits())
                .putLong(key.getLeastSignificantBits())
                .array();
        Column keys = new BytesColumn.Builder(1).append(bytes).build();
        return new ScannedRows(
                table.head(),
                COLUMNS,
                ScanBounds.of(List.of(keys), List.of(KeyOrder.UNSIGNED_BYTES), Long.MIN_VALUE, Long.MAX_VALUE),
                ScanSettings.DEFAULTS);
    }

    @Test
    void rule14SkipsFilesAndRowGroupsAndCountsThem() {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        table.append(rows(table, 0, 5_000));
        table.append(rows(table, 5_000, 10_000));
        ScannedRows some = new ScannedRows(
                table.head(),
                COLUMNS,
                ScanBounds.of(
                        List.of((Column) LongColumn.of(6_000)), List.of(KeyOrder.LONG), Long.MIN_VALUE, Long.MAX_VALUE),
                ScanSettings.DEFAULTS);
        ScanCounts counts = some.plan.counts();
        assertThat(counts.filesTotal()).isEqualTo(2);
        assertThat(counts.filesRead()).isOne();
        assertThat(counts.skipped(SkipReason.FILE_BOUNDS).files()).isOne();
        assertThat(counts.skipped(SkipReason.FILE_BOUNDS).bytes()).isPositive();
        assertThat(counts.skippedInAll().rowGroups()).isPositive();
        assertThat(counts.rowGroupsRead()).isOne();
        assertThat(counts.skipped(SkipReason.STATISTICS).bytes()).isPositive();
        assertThat(counts.rowsScanned()).isLessThan(5_000);
        assertThat(some.rows).anyMatch(row -> row.startsWith("[6000,"));
    }

    @Test
    void gathersOnlyThePagesThatHoldAWinner() {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        table.append(rows(table, 0, 20_000));
        ScanPlan plan = new ScanPlanner().plan(table.head(), COLUMNS, ScanBounds.NONE);
        TableScan scan = new TableScan(table.head(), plan, ScanSettings.DEFAULTS);
        List<Column> values = Gathered.of(scan, table.head(), new long[] {3, 4, 9_999, 19_999}, 3, 1);
        assertThat(((dev.firn.engine.IntColumn) values.getFirst()).values()).startsWith(30, 40, 99_990, 199_990);
        assertThat(((LongColumn) values.get(1)).values()).startsWith(3, 4, 9_999, 19_999);
        assertThat(Gathered.of(scan, table.head(), new long[0], 3).getFirst().size())
                .isZero();
    }

    @Test
    void rule13TakesAMissingColumnFromTheIdentityPartition() throws IOException {
        Schema schema = new Schema(
                NestedField.optional(1, "id", Types.LongType.get()),
                NestedField.optional(2, "ts", Types.TimestampType.withZone()),
                NestedField.optional(3, "value", Types.IntegerType.get()),
                NestedField.optional(4, "region", Types.StringType.get()));
        FeatureTable table = FeatureTable.create(
                folder,
                schema,
                PartitionSpec.builderFor(schema).identity("region").build(),
                2);
        table.table
                .updateProperties()
                .set("schema.name-mapping.default", NameMappingParser.toJson(MappingUtil.create(schema)))
                .commit();
        DataFile bare = migrated(table, "region.parquet");
        table.table
                .newAppend()
                .appendFile(DataFiles.builder(table.table.spec())
                        .copy(bare)
                        .withPartitionPath("region=north")
                        .build())
                .commit();
        assertThat(ScannedRows.all(table.head(), COLUMNS)).containsExactly("[7, 1970-01-01T00:00:05Z, 70, north]");
    }

    @Test
    void namesTheFileThatIsDamaged() throws IOException {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        DataFile file = table.append(rows(table, 0, 2_000)).getFirst();
        Path path = Path.of(file.location().replaceFirst("^file:", ""));
        byte[] bytes = Files.readAllBytes(path);
        for (int i = 4; i < 2_000; i++) {
            bytes[i] = (byte) (i * 31);
        }
        Files.delete(path.resolveSibling("." + path.getFileName() + ".crc"));
        Files.write(path, bytes);
        assertThatThrownBy(() -> ScannedRows.all(table.head(), COLUMNS))
                .hasMessageContaining(path.getFileName() + " row group 0]")
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.code()).isEqualTo("FILE_UNREADABLE"));
        Files.write(path, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13});
        assertThatThrownBy(() -> ScannedRows.all(table.head(), COLUMNS))
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.code()).isEqualTo("FILE_UNREADABLE"));
        Files.delete(path);
        assertThatThrownBy(() -> ScannedRows.all(table.head(), COLUMNS))
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.code()).isEqualTo("SNAPSHOT_EXPIRED"));
    }

    @Test
    void stopsWhenItIsCancelled() {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        table.append(rows(table, 0, 2_000));
        ScanPlan plan = new ScanPlanner().plan(table.head(), COLUMNS, ScanBounds.NONE);
        TableScan scan = new TableScan(table.head(), plan, new ScanSettings(2, 10));
        assertThatThrownBy(() -> scan.stream(COLUMNS, () -> batch -> {}, () -> true, ProgressSink.NONE))
                .isInstanceOf(CancellationException.class);
        assertThat(plan.counts().rowsScanned()).isZero();
    }
}
