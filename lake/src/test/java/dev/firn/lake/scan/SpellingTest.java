package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.PinnedTables;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `s3://`, `s3a://` and `s3n://` name the same object: Spark writes one, Trino another.
final class SpellingTest {
    private static final Schema SCHEMA = new Schema(
            NestedField.optional(1, "id", Types.LongType.get()),
            NestedField.optional(2, "ts", Types.TimestampType.withZone()));
    private static final FeatureColumns COLUMNS = new FeatureColumns(List.of(1), 2, null, null);
    private static final OffsetDateTime NOON = OffsetDateTime.parse("2024-03-01T12:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static List<Record> rows(FeatureTable table, int count) {
        List<Record> rows = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            rows.add(table.row("id", i, "ts", NOON));
        }
        return rows;
    }

    /// The location as another writer would spell it.
    private static DataFile spelt(FeatureTable table, DataFile file, String scheme) {
        return DataFiles.builder(table.table.spec())
                .copy(file)
                .withPath(spelt(file.location(), scheme))
                .build();
    }

    private static String spelt(String location, String scheme) {
        return scheme + "://lake" + location.replaceFirst("^file:", "");
    }

    private FeatureTable table(int version) {
        return FeatureTable.create(folder, SCHEMA, PartitionSpec.unpartitioned(), version);
    }

    private static DataFile append(FeatureTable table, String scheme) {
        DataFile file = spelt(table, table.write(rows(table, 10)).getFirst(), scheme);
        table.table.newAppend().appendFile(file).commit();
        return file;
    }

    private static PinnedTable head(FeatureTable table) {
        PinnedTable head = table.head();
        FileIO local = new LocalLake(table.table.io());
        return PinnedTables.over(
                head,
                new BaseTable(
                        new StaticTableOperations(
                                ((BaseTable) table.table).operations().current(), local),
                        "local"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3a", "s3n"})
    void rule13RefusesAFileThatIsListedTwiceInTwoSpellings(String other) {
        FeatureTable table = table(2);
        DataFile file = append(table, "s3");
        DataFile again = DataFiles.builder(table.table.spec())
                .copy(file)
                .withPath(file.location().replaceFirst("^s3:", other + ":"))
                .build();
        table.table.newAppend().appendFile(again).commit();
        assertThatThrownBy(() -> ScannedRows.all(head(table), COLUMNS))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("UNSUPPORTED_TABLE"))
                .hasMessageContaining("twice");
    }

    @ParameterizedTest
    @CsvSource({"2, s3, s3a", "2, s3a, s3", "2, s3n, s3a", "3, s3, s3a", "3, s3n, s3", "3, s3, s3"})
    void rule13DeletesReachTheirFileInAnySpelling(int version, String ofData, String ofDelete) {
        FeatureTable table = table(version);
        DataFile file = append(table, ofData);
        DataFile named = DataFiles.builder(table.table.spec())
                .copy(file)
                .withPath(file.location().replaceFirst("^\\w+:", ofDelete + ":"))
                .build();
        table.deletePositions(named, 2, 3, 9);
        assertThat(ScannedRows.all(head(table), COLUMNS)).hasSize(7).noneMatch(row -> row.matches("\\[(2|3|9),.*"));
    }

    @ParameterizedTest
    @EnumSource(
            value = FileFormat.class,
            names = {"AVRO", "PARQUET"})
    void rule13ADeleteFileOfSeveralFilesReachesThemInAnySpelling(FileFormat format) {
        FeatureTable table = table(2);
        DataFile one = append(table, "s3");
        DataFile other = append(table, "s3a");
        table.deletePosition(
                format,
                List.of(
                        DataFiles.builder(table.table.spec())
                                .copy(one)
                                .withPath(one.location().replaceFirst("^s3:", "s3n:"))
                                .build(),
                        DataFiles.builder(table.table.spec())
                                .copy(other)
                                .withPath(other.location().replaceFirst("^s3a:", "s3:"))
                                .build()),
                4);
        assertThat(ScannedRows.all(head(table), COLUMNS)).hasSize(18).noneMatch(row -> row.startsWith("[4,"));
    }

    /// Serves the objects of the lake from local files.
    private static final class LocalLake implements FileIO {
        private static final long serialVersionUID = 1L;
        private final FileIO files;

        LocalLake(FileIO files) {
            this.files = files;
        }

        @Override
        public InputFile newInputFile(String path) {
            return files.newInputFile(path.replaceFirst("^s3[an]?://lake", ""));
        }

        @Override
        public OutputFile newOutputFile(String path) {
            return files.newOutputFile(path);
        }

        @Override
        public void deleteFile(String path) {
            files.deleteFile(path);
        }
    }
}
