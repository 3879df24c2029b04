package dev.firn.lake.scan;

import dev.firn.embedded.StackAddresses;
import dev.firn.lake.catalog.RestCatalogServer;
import dev.firn.testkit.TestStack;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rule 13: every snapshot of a table that DuckDB wrote through a REST catalog reads the same in Firn, Trino and
/// Iceberg's generic reader. DuckDB runs in Python because only its Python packages contain the Iceberg extension.
final class DuckDbIT {
    private static ForeignTables tables;

    @BeforeAll
    static void write() {
        PythonScript script = PythonScript.of("duckdb_tables");
        TestStack stack = TestStack.shared();
        tables = new ForeignTables(stack);
        try (JdbcCatalog behind = new JdbcCatalog()) {
            behind.setConf(new Configuration());
            behind.initialize(StackAddresses.CATALOG, stack.addresses().icebergCatalogProperties());
            try (RestCatalogServer server = RestCatalogServer.over(behind)) {
                tables.wrote(script.run(
                        stack.addresses(),
                        Map.of(
                                "FIRN_REST_URI", server.uri(),
                                "FIRN_REST_TOKEN", RestCatalogServer.TOKEN,
                                "FIRN_SCHEMA", tables.schema)));
            }
        }
    }

    @AfterAll
    static void close() {
        if (tables != null) {
            tables.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "inserts, 2",
        "deletes, 4",
        "updates, 5",
        "codecs, 4",
        "by_region, 4",
        "by_day_and_bucket, 4",
        "by_truncate, 4",
        "third_format, 5",
        "evolution, 4"
    })
    void rule13EachSnapshotIsReadAsTrinoAndIcebergReadIt(String table, int snapshots) {
        tables.compare(table, ThreeReaders::agree, snapshots);
    }
}
