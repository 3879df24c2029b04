package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackAddresses;
import dev.firn.testkit.TestStack;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rule 13: every snapshot of a table written by PyIceberg reads the same in Firn, Trino and Iceberg's generic reader.
final class PyIcebergIT {
    private static ForeignTables tables;

    @BeforeAll
    static void write() {
        PythonScript script = PythonScript.of("pyiceberg_tables");
        tables = new ForeignTables(TestStack.shared());
        tables.wrote(run(script, "FIRN_SCHEMA", tables.schema));
    }

    private static List<String> run(PythonScript script, String variable, String value) {
        StackAddresses addresses = TestStack.shared().addresses();
        String file = addresses.catalogUri().replaceFirst("^jdbc:sqlite:", "").replaceFirst("\\?.*$", "");
        return script.run(
                addresses,
                Map.of(
                        "FIRN_CATALOG",
                        StackAddresses.CATALOG,
                        "FIRN_CATALOG_URI",
                        "sqlite:///" + file,
                        variable,
                        value));
    }

    @AfterAll
    static void close() {
        if (tables != null) {
            tables.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "appends, 2",
        "codecs, 4",
        "by_region, 3",
        "by_day_identity, 3",
        "by_day, 3",
        "by_month_and_bucket, 3",
        "by_hour_of_local, 3",
        "by_year_and_truncate, 3",
        "by_truncated_numbers, 3",
        "evolution, 3",
        "spec_evolution, 4",
        "rewrites, 7",
        "partition_overwrites, 3",
        "upserts, 3",
        "first_format, 3"
    })
    void rule13EachSnapshotIsReadAsTrinoAndIcebergReadIt(String table, int snapshots) {
        tables.compare(table, ThreeReaders::agree, snapshots);
    }

    /// Compares with Trino only: Iceberg's generic reader ignores the name mapping and matches columns by position.
    @ParameterizedTest
    @ValueSource(strings = {"added_files", "added_files_of_partitions"})
    void rule13FilesWithoutFieldIdsAreReadByTheNameMapping(String table) {
        tables.compare(table, ThreeReaders::asTrino, 2);
    }

    /// Trino 483 fails on LZ4_RAW.
    @Test
    void rule13TablesThatTrinoCannotReadAreReadAsIcebergReadsThem() {
        tables.compareWithoutTrino("lz4");
    }

    @Test
    void rule9BranchesAndTagsAreReadAsTrinoReadsThem() {
        tables.compareRef("refs", "v1");
        tables.compareRef("refs", "audit");
        tables.compare("refs", ThreeReaders::agree, 4);
    }

    /// The other way round: a target table, which Firn writes.
    @Test
    void aTargetTableIsReadAsFirnWroteIt() {
        WrittenTarget.write(TestStack.shared(), tables.schema);
        assertThat(run(PythonScript.of("pyiceberg_reads", "pyiceberg_tables"), "FIRN_TABLE", tables.schema + ".target"))
                .containsExactly(
                        "[1, \"ann\", 1.5, \"2024-01-01 00:00:00.000001+00:00\", \"12.30\"]",
                        "[2, null, null, null, null]",
                        "[2]",
                        "[\"daily.r2\", \"2\", 2]");
    }
}
