package dev.firn.lake.scan;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.PinnedTables;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rule 13: files as other writers leave them.
final class OddFilesTest {
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final Schema SCHEMA = new Schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "ts", Types.TimestampType.withZone()));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private FeatureTable table(Schema schema) {
        return FeatureTable.create(folder, schema, PartitionSpec.unpartitioned(), 3);
    }

    /// Not below the table's own folder.
    private DataFile written(String schema, BiConsumer<ParquetWriter<Group>, SimpleGroupFactory> rows)
            throws IOException {
        MessageType type = MessageTypeParser.parseMessageType(schema);
        Path path = folder.resolve("elsewhere").resolve("f.parquet");
        Files.createDirectories(path.getParent());
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(path))
                .withType(type)
                .build()) {
            rows.accept(writer, new SimpleGroupFactory(type));
        }
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(path.toString())
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(Files.size(path))
                .withRecordCount(1)
                .build();
    }

    private static void write(ParquetWriter<Group> writer, Group row) {
        try {
            writer.write(row);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Binary int96(long julianDay, long nanosOfDay) {
        ByteBuffer bytes = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(nanosOfDay).putInt((int) julianDay);
        return Binary.fromConstantByteArray(bytes.array());
    }

    @Test
    void timesInInt96AreReadOnBothSidesOf1970() throws IOException {
        FeatureTable table = table(SCHEMA);
        table.table
                .newAppend()
                .appendFile(written("message m { optional int64 id = 1; optional int96 ts = 2; }", (writer, rows) -> {
                    write(writer, rows.newGroup().append("id", 1L).append("ts", int96(2_440_588, 1_500_000)));
                    write(writer, rows.newGroup().append("id", 2L).append("ts", int96(2_440_587, 86_399_999_999_000L)));
                    write(writer, rows.newGroup().append("id", 3L));
                }))
                .commit();
        assertThat(ScannedRows.all(table.head(), COLUMNS))
                .containsExactly("[1, 1970-01-01T00:00:00.001500Z]", "[2, 1969-12-31T23:59:59.999999Z]");
    }

    /// A time that does not fit 64 bits is refused: wrapped around, it would be another time.
    @Test
    void aTimeInInt96BeyondAnyColumnIsRefused() throws IOException {
        FeatureTable table = table(SCHEMA);
        table.table
                .newAppend()
                .appendFile(written(
                        "message m { optional int64 id = 1; optional int96 ts = 2; }",
                        (writer, rows) -> write(
                                writer, rows.newGroup().append("id", 1L).append("ts", int96(Integer.MAX_VALUE, 0)))))
                .commit();
        assertThatThrownBy(() -> ScannedRows.all(table.head(), COLUMNS))
                .isInstanceOf(LakeRejection.class)
                .hasMessageContaining("INT96");
    }

    /// docs/semantics.md rule 7: INT96 is an instant, and only other times without a zone are in the view's.
    @Test
    void rule7TimesInInt96AreNotOfTheViewsZone() throws IOException {
        FeatureTable table = table(new Schema(
                NestedField.optional(1, "id", Types.LongType.get()),
                NestedField.optional(2, "ts", Types.TimestampType.withoutZone()),
                NestedField.optional(3, "created", Types.TimestampType.withoutZone())));
        table.table
                .newAppend()
                .appendFile(written(
                        "message m { optional int64 id = 1; optional int96 ts = 2; optional int96 created = 3; }",
                        (writer, rows) -> write(
                                writer,
                                rows.newGroup()
                                        .append("id", 1L)
                                        .append("ts", int96(2_440_588, 7_000))
                                        .append("created", int96(2_440_588, 8_000)))))
                .commit();
        table.append(List.of(table.row(
                "id",
                2L,
                "ts",
                LocalDateTime.parse("1970-01-01T01:00:00.000007"),
                "created",
                LocalDateTime.parse("1970-01-01T01:00:00.000008"))));
        PinnedTable head = table.head();
        FeatureColumns columns = new FeatureColumns(List.of(1), 2, 3, ZoneId.of("Europe/Berlin"));
        List<String> times = new CopyOnWriteArrayList<>();
        try (TableScan scan =
                new TableScan(head, new ScanPlanner().plan(head, columns, ScanBounds.NONE), new ScanSettings(1, 64))) {
            scan.stream(
                    columns,
                    () -> batch -> times.add(batch.timestamps()[0] + " " + requireNonNull(batch.created())[0]),
                    () -> false,
                    ProgressSink.NONE);
        }
        assertThat(times).containsExactly("7 8", "7 8");
    }

    /// As pyarrow writes a table without rows: a dictionary page and no data page, whose offset is 0.
    @Test
    void aRowGroupWithoutRowsIsSkipped() throws IOException {
        FeatureTable table = table(SCHEMA);
        DataFile file = written(
                "message m { optional int64 id = 1; optional int64 ts (TIMESTAMP(MICROS,true)) = 2; }",
                (writer, rows) -> write(writer, rows.newGroup().append("id", 1L).append("ts", 7L)));
        Path path = Path.of(file.location());
        withEmptyRowGroup(path);
        table.table
                .newAppend()
                .appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                        .copy(file)
                        .withFileSizeInBytes(Files.size(path))
                        .build())
                .commit();
        ScanBounds bounds =
                ScanBounds.of(List.of(LongColumn.of(1)), List.of(KeyOrder.LONG), Long.MIN_VALUE, Long.MAX_VALUE);
        assertThat(new ScannedRows(table.head(), COLUMNS, bounds, new ScanSettings(1, 64)).rows)
                .containsExactly("[1, 1970-01-01T00:00:00.000007Z]");
    }

    /// Inserts an empty row group before those in the footer; no Java writer creates one.
    private static void withEmptyRowGroup(Path path) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        int footerBytes = ByteBuffer.wrap(bytes, bytes.length - 8, 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
        int footerStart = bytes.length - 8 - footerBytes;
        FileMetaData footer = Util.readFileMetaData(new ByteArrayInputStream(bytes, footerStart, footerBytes));
        RowGroup empty = new RowGroup(footer.getRow_groups().getFirst());
        empty.setNum_rows(0);
        for (ColumnChunk chunk : empty.getColumns()) {
            chunk.unsetColumn_index_offset();
            chunk.unsetOffset_index_offset();
            ColumnMetaData column = chunk.getMeta_data();
            column.setNum_values(0).setDictionary_page_offset(4).setData_page_offset(0);
            column.setEncodings(List.of(Encoding.RLE_DICTIONARY, Encoding.RLE));
            column.unsetEncoding_stats();
            column.unsetStatistics();
        }
        footer.getRow_groups().addFirst(empty);
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        changed.write(bytes, 0, footerStart);
        Util.writeFileMetaData(footer, changed);
        changed.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(changed.size() - footerStart)
                .array());
        changed.write(bytes, bytes.length - 4, 4);
        Files.write(path, changed.toByteArray());
    }

    @Test
    void namesWithinStructsAndListsAreMapped() throws IOException {
        Schema schema = new Schema(
                NestedField.optional(1, "id", Types.LongType.get()),
                NestedField.optional(2, "ts", Types.TimestampType.withZone()),
                NestedField.optional(
                        3,
                        "place",
                        Types.StructType.of(
                                NestedField.optional(4, "city", Types.StringType.get()),
                                NestedField.optional(5, "floor", Types.IntegerType.get()))),
                NestedField.optional(6, "tags", Types.ListType.ofOptional(7, Types.StringType.get())));
        FeatureTable table = table(schema);
        table.table
                .updateProperties()
                .set("schema.name-mapping.default", NameMappingParser.toJson(MappingUtil.create(table.table.schema())))
                .commit();
        table.table.updateSchema().renameColumn("place.city", "town").commit();
        table.table
                .newAppend()
                .appendFile(written("""
                        message m {
                          optional group place { optional int32 floor; optional binary city (STRING); }
                          optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
                          optional int64 ts (TIMESTAMP(MICROS,true));
                          optional int64 id;
                        }
                        """, (writer, rows) -> {
                    Group row = rows.newGroup().append("id", 1L).append("ts", 0L);
                    row.addGroup("place").append("floor", 3).append("city", "Bonn");
                    Group tags = row.addGroup("tags");
                    tags.addGroup("list").append("element", "a");
                    tags.addGroup("list");
                    write(writer, row);
                }))
                .commit();
        assertThat(ScannedRows.all(table.head(), COLUMNS))
                .containsExactly("[1, 1970-01-01T00:00Z, Record(Bonn, 3), [a, null]]");
    }

    @Test
    void aDateThatBecameATimestampIsRefusedNotSkipped() {
        Schema dates = new Schema(
                NestedField.optional(1, "id", Types.LongType.get()),
                NestedField.optional(2, "ts", Types.DateType.get()));
        FeatureTable table = table(dates);
        table.append(List.of(table.row("id", 1L, "ts", LocalDate.parse("2024-03-01"))));
        Schema timestamps = new Schema(
                NestedField.optional(1, "id", Types.LongType.get()),
                NestedField.optional(2, "ts", Types.TimestampType.withoutZone()));
        TableOperations operations = ((BaseTable) table.table).operations();
        TableMetadata now = operations.current();
        operations.commit(
                now,
                TableMetadata.buildFrom(now)
                        .setCurrentSchema(timestamps, now.lastColumnId())
                        .build());
        long march = OffsetDateTime.parse("2024-03-01T00:00:00Z").toEpochSecond() * 1_000_000;
        assertThatThrownBy(() -> new ScannedRows(
                        table.head(), COLUMNS, ScanBounds.ofTimes(march, march + 1), ScanSettings.DEFAULTS))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("UNSUPPORTED_TABLE"))
                .hasMessageContaining("column ts");
    }

    @Test
    void anEncryptedDataFileIsRefused() {
        FeatureTable table = table(SCHEMA);
        table.table
                .newAppend()
                .appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                        .withPath(table.table.location() + "/data/secret.parquet")
                        .withFormat(FileFormat.PARQUET)
                        .withFileSizeInBytes(10)
                        .withRecordCount(1)
                        .withEncryptionKeyMetadata(ByteBuffer.wrap(new byte[] {1}))
                        .build())
                .commit();
        assertThatThrownBy(() -> ScannedRows.all(table.head(), COLUMNS))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("UNSUPPORTED_TABLE"))
                .hasMessageContaining("encrypted");
    }

    @Test
    void aTableOfVersion4IsRefused() {
        Table table = new HadoopTables(new Configuration())
                .create(SCHEMA, PartitionSpec.unpartitioned(), Map.of("format-version", "4"), folder.toUri() + "table");
        table.newAppend()
                .appendFile(DataFiles.builder(PartitionSpec.unpartitioned())
                        .withPath(table.location() + "/data/f.parquet")
                        .withFormat(FileFormat.PARQUET)
                        .withFileSizeInBytes(10)
                        .withRecordCount(1)
                        .build())
                .commit();
        assertThatThrownBy(() -> ScannedRows.all(PinnedTables.head(table), COLUMNS))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("UNSUPPORTED_TABLE"))
                .hasMessageContaining("format version 4");
    }
}
