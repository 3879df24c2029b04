package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeRejection;
import dev.firn.lake.parquet.PatchedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an inspection says of files that were changed by hand, and of their table.
final class InspectionTest {
    private static final Instant NOON = Instant.parse("2024-03-01T12:00:00Z");
    private static final int ROWS = 1_000;
    private static final InspectionRequest ALL_VALUES = new InspectionRequest(Map.of(), null, true);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private FeatureTable table;

    @SuppressWarnings("NullAway.Init")
    private DataFile written;

    /// Row i has the id i and the time NOON + i seconds.
    @BeforeEach
    void write() {
        table = FeatureTable.create(
                folder.resolve("table"),
                new Schema(
                        NestedField.optional(1, "id", Types.LongType.get()),
                        NestedField.optional(2, "ts", Types.TimestampType.withZone()),
                        NestedField.optional(3, "name", Types.StringType.get())),
                PartitionSpec.unpartitioned(),
                2,
                "write.parquet.page-row-limit",
                "100",
                "write.parquet.dict-size-bytes",
                "64");
        List<Record> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add(table.row("id", (long) i, "ts", NOON.plusSeconds(i).atOffset(ZoneOffset.UTC), "name", "n" + i));
        }
        written = table.write(rows).getFirst();
    }

    private Path patched(UnaryOperator<PatchedFile> patch) throws IOException {
        byte[] bytes = Files.readAllBytes(Path.of(written.location()));
        return Files.write(
                folder.resolve("patched.parquet"),
                patch.apply(new PatchedFile(bytes)).bytes());
    }

    private static FileReport inspect(Path file, InspectionRequest request) {
        return FileInspection.of(org.apache.iceberg.Files.localInput(file.toFile()), request);
    }

    private static byte[] encoded(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    @Test
    void aSoundFileIsDescribedAndNothingIsDistrusted() throws IOException {
        FileReport report = inspect(patched(file -> file), ALL_VALUES);
        assertThat(report.distrusted()).isEmpty();
        assertThat(report.refused()).isEmpty();
        assertThat(report.rows()).isEqualTo(ROWS);
        assertThat(report.rowsToRead()).isEqualTo(ROWS);
        assertThat(report.writer()).startsWith("parquet-mr version");
        assertThat(report.formatVersion()).isEqualTo(1);
        assertThat(report.columns()).extracting(FileReport.Column::path).containsExactly("id", "ts", "name");
        FileReport.Column ts = report.columns().get(1);
        assertThat(ts.type()).isEqualTo("INT64 TIMESTAMP(MICROS,true)");
        assertThat(ts.encodings()).contains("PLAIN");
        assertThat(ts.nulls()).isZero();
        assertThat(ts.parts())
                .containsEntry(FileReport.Part.STATISTICS, 1)
                .containsEntry(FileReport.Part.COLUMN_INDEX, 1)
                .containsEntry(FileReport.Part.OFFSET_INDEX, 1)
                .doesNotContainKey(FileReport.Part.BLOOM_FILTER);
    }

    @Test
    void boundsThatContradictEachOtherAreDistrusted() throws IOException {
        FileReport report = inspect(
                patched(file -> file.chunks(
                                "id",
                                chunk -> chunk.getMeta_data().getStatistics().setMin_value(encoded(5_000)))
                        .columnIndex(
                                "ts",
                                index -> index.getMin_values().set(3, ByteBuffer.wrap(encoded(Long.MAX_VALUE - 1))))),
                InspectionRequest.NOTHING);
        assertThat(report.distrusted())
                .containsExactly(
                        "row group 0: statistics of column id: the bounds contradict each other",
                        "row group 0: column index of column ts: the bounds of page 3 contradict each other");
        assertThat(report.refused()).isEmpty();
    }

    @Test
    void indexesThatDoNotFitThePagesAreDistrusted() throws IOException {
        FileReport report = inspect(
                patched(file -> file.offsetIndex(
                        "id", index -> index.getPage_locations().get(2).setFirst_row_index(201))),
                ALL_VALUES);
        assertThat(report.distrusted()).singleElement().asString().contains("row group 0: column id: ", "offset index");
        assertThat(report.refused()).isEmpty();

        report = inspect(
                patched(file ->
                        file.columnIndex("id", index -> index.getMax_values().add(ByteBuffer.wrap(encoded(1))))),
                InspectionRequest.NOTHING);
        assertThat(report.distrusted())
                .singleElement()
                .asString()
                .contains("row group 0: column index of column id: 11 greatest values for 10 pages");
    }

    /// Only reading the values shows it: a bound that is too narrow looks like any other.
    @Test
    void valuesOutsideOfTheirBoundsAreFoundIfAllAreRead() throws IOException {
        UnaryOperator<PatchedFile> narrow = file -> file.chunks(
                        "id", chunk -> chunk.getMeta_data().getStatistics().setMax_value(encoded(500)))
                .columnIndex("id", index -> index.getMax_values().set(4, ByteBuffer.wrap(encoded(450))));
        assertThat(inspect(patched(narrow), InspectionRequest.NOTHING).distrusted())
                .isEmpty();
        assertThat(inspect(patched(narrow), ALL_VALUES).distrusted())
                .containsExactly(
                        "row group 0: column index of column id: a value of page 4 lies outside of its bounds",
                        "row group 0: statistics of column id: a value lies outside of the bounds");
    }

    @Test
    void aDamagedPageIsRefusedWithItsColumn() throws IOException {
        Path file = patched(sound -> sound);
        byte[] bytes = Files.readAllBytes(file);
        bytes[60] ^= 1;
        Files.write(file, bytes);
        assertThat(inspect(file, ALL_VALUES).refused()).singleElement().satisfies(refusal -> {
            assertThat(refusal.column()).isEqualTo("id");
            assertThat(refusal.code()).isEqualTo("SPINE_UNREADABLE");
            assertThat(refusal.message()).contains("column id");
        });
        Files.write(file, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> inspect(file, ALL_VALUES))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("SPINE_UNREADABLE"));
    }

    @Test
    void aKeyAndATimeSayWhatIsReadOfAFile() throws IOException {
        Path file = patched(sound -> sound);
        FileReport page = inspect(file, new InspectionRequest(Map.of("id", "250"), null, false));
        assertThat(page.rowsToRead()).isEqualTo(100);
        assertThat(page.lookup()
                        .getOrDefault(SkipReason.PAGE_INDEX, Skipped.NOTHING)
                        .pages())
                .isEqualTo(9);

        FileReport none = inspect(file, new InspectionRequest(Map.of("id", "5000"), null, false));
        assertThat(none.rowsToRead()).isZero();
        assertThat(none.lookup()
                        .getOrDefault(SkipReason.STATISTICS, Skipped.NOTHING)
                        .rowGroups())
                .isEqualTo(1);

        FileReport early = inspect(
                file,
                new InspectionRequest(
                        Map.of(), new InspectionRequest.Times("ts", Instant.MIN, NOON.plusSeconds(150)), false));
        assertThat(early.rowsToRead()).isEqualTo(200);
    }

    @Test
    void aQuestionThatDoesNotFitIsExplained() throws IOException {
        Path file = patched(sound -> sound);
        assertThatThrownBy(() -> inspect(file, new InspectionRequest(Map.of("nam", "x"), null, false)))
                .isInstanceOf(InvalidQuestionException.class)
                .hasMessage("there is no column 'nam'; did you mean 'name'?");
        assertThatThrownBy(() -> inspect(file, new InspectionRequest(Map.of("id", "x"), null, false)))
                .isInstanceOf(InvalidQuestionException.class)
                .hasMessage("'x' is not a value of column 'id', which has type long");
        assertThatThrownBy(() -> inspect(
                        file,
                        new InspectionRequest(Map.of(), new InspectionRequest.Times("name", Instant.MIN, NOON), false)))
                .isInstanceOf(InvalidQuestionException.class)
                .hasMessage("column 'name' of type string is not a time");
    }

    @Test
    void aKeyWithinAStructIsLookedFor() {
        Types.StructType struct = Types.StructType.of(NestedField.optional(3, "id", Types.LongType.get()));
        FeatureTable nested = FeatureTable.create(
                folder.resolve("nested"),
                new Schema(
                        NestedField.optional(1, "ts", Types.TimestampType.withZone()),
                        NestedField.optional(2, "who", struct)),
                PartitionSpec.unpartitioned(),
                2);
        Record who = GenericRecord.create(struct);
        who.setField("id", 7L);
        nested.append(List.of(nested.row("ts", NOON.atOffset(ZoneOffset.UTC), "who", who)));

        TableReport found =
                TableInspection.of(nested.head(), new InspectionRequest(Map.of("who.id", "7"), null, false), 10);
        assertThat(found.refused()).isEmpty();
        assertThat(found.files())
                .singleElement()
                .satisfies(file -> assertThat(file.rowsToRead()).isEqualTo(1));
        TableReport none =
                TableInspection.of(nested.head(), new InspectionRequest(Map.of("who.id", "8"), null, false), 10);
        assertThat(none.refused()).isEmpty();
    }

    @Test
    void aTableIsDescribedWithASampleOfItsFiles() {
        table.table.newAppend().appendFile(written).commit();
        DataFile more = table.write(List.of(table.row("id", 70_000L, "ts", NOON.atOffset(ZoneOffset.UTC), "name", "z")))
                .getFirst();
        table.table.newAppend().appendFile(more).commit();

        TableReport report = TableInspection.of(table.head(), InspectionRequest.NOTHING, 1);
        assertThat(report.formatVersion()).isEqualTo(2);
        assertThat(report.snapshot()).isNotNull();
        assertThat(report.partitionSpec()).isEqualTo("unpartitioned");
        assertThat(report.columns()).extracting(TableReport.Column::name).containsExactly("id", "ts", "name");
        assertThat(report.dataFiles()).isEqualTo(2);
        assertThat(report.deleteFiles()).isZero();
        assertThat(report.filesToRead()).isEqualTo(2);
        assertThat(report.files()).hasSize(1);
        assertThat(report.refused()).isEmpty();

        TableReport lookup =
                TableInspection.of(table.head(), new InspectionRequest(Map.of("id", "250"), null, false), 10);
        assertThat(lookup.filesToRead()).isEqualTo(1);
        assertThat(lookup.lookup()
                        .getOrDefault(SkipReason.FILE_BOUNDS, Skipped.NOTHING)
                        .files())
                .isEqualTo(1);
        assertThat(lookup.lookup()
                        .getOrDefault(SkipReason.PAGE_INDEX, Skipped.NOTHING)
                        .pages())
                .isEqualTo(9);
        assertThat(lookup.files())
                .singleElement()
                .satisfies(file -> assertThat(file.rowsToRead()).isEqualTo(100));
    }

    @Test
    void whatAScanRefusesIsPartOfATablesReport() throws IOException {
        table.table.newAppend().appendFile(written).commit();
        Files.delete(Path.of(written.location()));
        TableReport report = TableInspection.of(table.head(), InspectionRequest.NOTHING, 5);
        assertThat(report.files()).isEmpty();
        assertThat(report.refused())
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo("SNAPSHOT_EXPIRED"));
    }
}
