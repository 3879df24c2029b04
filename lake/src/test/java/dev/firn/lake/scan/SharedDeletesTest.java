package dev.firn.lake.scan;

import static dev.firn.lake.scan.MinuteRows.COLUMNS;
import static dev.firn.lake.scan.MinuteRows.NOON;
import static dev.firn.lake.scan.MinuteRows.SCHEMA;
import static dev.firn.lake.scan.MinuteRows.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeException;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.PinnedTables;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Deletes that several data files or commits share.
final class SharedDeletesTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private FeatureTable table(PartitionSpec spec) {
        return FeatureTable.create(folder, SCHEMA, spec, 2);
    }

    @Test
    void rule13AppliesEqualityDeletesByAColumnThatWasDroppedSince() {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        table.append(rows(table, 0, 5));
        Schema byValue = table.table.schema().select("value");
        Record delete = org.apache.iceberg.data.GenericRecord.create(byValue);
        delete.setField("value", 20);
        table.deleteEqual(new int[] {3}, List.of(delete), byValue);
        table.append(rows(table, 2, 3)); // later: the delete does not reach it
        table.table.updateSchema().deleteColumn("value").commit();
        assertThat(ScannedRows.all(table.head(), COLUMNS)).hasSize(5);
        table.table.updateSchema().addColumn("value", Types.IntegerType.get()).commit();
        assertThat(ScannedRows.all(table.head(), COLUMNS)).hasSize(5).allMatch(row -> row.endsWith("null]"));
    }

    @Test
    void deletesThatDataFilesShareAreReadOnce() {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        upsert(table, 8);
        table.deletePosition(
                List.of(
                        table.append(rows(table, 100, 110)).getFirst(),
                        table.append(rows(table, 110, 120)).getFirst()),
                3);
        OpenedFiles io = new OpenedFiles(table.table.io());
        PinnedTable counted = PinnedTables.over(
                table.head(),
                new BaseTable(
                        new StaticTableOperations(
                                ((BaseTable) table.table).operations().current(), io),
                        "counted"));

        List<String> rows = ScannedRows.all(counted, COLUMNS);

        assertThat(rows).hasSize(5 + 18).isEqualTo(table.oracle("ts"));
        assertThat(io.times.entrySet().stream().filter(file -> !file.getKey().contains("/data/data-")))
                .filteredOn(file -> file.getKey().endsWith(".parquet"))
                .hasSize(7 + 1)
                .allSatisfy(file -> assertThat(file.getValue()).isEqualTo(1));
    }

    @Test
    void aRowIsHiddenByLaterDeletesOfItsValueOnly() {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        upsert(table, 3);
        table.deleteEqual(new int[] {1}, List.of(table.row("id", 4L)), SCHEMA.select("id"));
        table.append(List.of(table.row("id", 4L, "ts", NOON, "value", 99)));

        assertThat(ScannedRows.all(table.head(), COLUMNS))
                .isEqualTo(table.oracle("ts"))
                .hasSize(5)
                .contains("[4, 2024-03-01T12:00Z, 99]");
    }

    @Test
    void deletesBeyondTheMemoryLimitAreRejectedWithTheirCounts() {
        FeatureTable table = table(PartitionSpec.unpartitioned());
        upsert(table, 3);
        ScanSettings tight = new ScanSettings(2, 97).withMaxDeleteBytes(1_000);

        assertThatThrownBy(() -> new ScannedRows(table.head(), COLUMNS, ScanBounds.NONE, tight))
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.code()).isEqualTo("DELETE_BUDGET_EXCEEDED"))
                .hasMessageContaining("10 equality deletes in 2 files and 0 shared position deletes");
    }

    /// Writes a table like a stream of upserts: each commit deletes its keys before it writes them.
    private static void upsert(FeatureTable table, int commits) {
        for (int commit = 0; commit < commits; commit++) {
            if (commit > 0) {
                table.deleteEqual(
                        new int[] {1},
                        LongStream.range(0, 5)
                                .mapToObj(id -> table.row("id", id))
                                .toList(),
                        SCHEMA.select("id"));
            }
            table.append(rows(table, 0, 5));
        }
    }

    /// Counts how often each file is opened.
    private static final class OpenedFiles implements FileIO {
        private static final long serialVersionUID = 1L;
        private final FileIO files;
        private final Map<String, Integer> times = new ConcurrentHashMap<>();

        OpenedFiles(FileIO files) {
            this.files = files;
        }

        @Override
        public InputFile newInputFile(String path) {
            times.merge(path, 1, Integer::sum);
            return files.newInputFile(path);
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
