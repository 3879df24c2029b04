package dev.firn.lake.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.embedded.StackAddresses;
import dev.firn.lake.Access;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.CatalogIo;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.catalog.SnapshotChoice;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.hadoop.HadoopFileIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tables on S3 read the same through Hadoop's S3A as through Iceberg's own client; only the property `io-impl`
/// differs.
final class S3aTablesIT {
    private static final StackAddresses STACK = TestStack.shared().addresses();
    private static final Trino TRINO = TestStack.shared().trino();
    private static String schema = "";

    @BeforeAll
    static void newSchema() {
        schema = TRINO.newSchema();
    }

    private static Catalogs catalogs(String... namesAndValues) {
        Map<String, String> properties = new HashMap<>(STACK.icebergCatalogProperties());
        for (int i = 0; i < namesAndValues.length; i += 2) {
            properties.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return Catalogs.of(
                Map.of(StackAddresses.CATALOG, properties),
                STACK.icebergCatalogProperties(),
                new Access(Set.of(StackAddresses.CATALOG), Set.of(), List.of("s3://lake/spines"), "s3://lake/results"));
    }

    private static Catalogs throughS3a(String... namesAndValues) {
        String[] all = java.util.Arrays.copyOf(namesAndValues, namesAndValues.length + 2);
        all[namesAndValues.length] = "io-impl";
        all[namesAndValues.length + 1] = HadoopFileIO.class.getName();
        return catalogs(all);
    }

    private static TableName written(String name, int version) {
        TableName table = new TableName(StackAddresses.CATALOG, schema, name);
        TRINO.execute(
                "CREATE TABLE " + table + " (id bigint, updated_at timestamp(6) with time zone, note varchar,"
                        + " tags array(integer)) WITH (format_version = " + version + ")",
                "INSERT INTO " + table + " SELECT n, timestamp '2024-03-01 00:00:00 UTC' + n * interval '1' minute,"
                        + " 'note ' || CAST(n AS varchar), ARRAY[CAST(n AS integer), NULL]"
                        + " FROM UNNEST(sequence(1, 500)) AS t(n)",
                "DELETE FROM " + table + " WHERE id % 10 = 3");
        return table;
    }

    private static PinnedTable head(Catalogs catalogs, TableName name) {
        LakeTable table = catalogs.load(name);
        return catalogs.open(table, table.pin(SnapshotChoice.head()));
    }

    private static List<String> rows(PinnedTable table) {
        FeatureColumns columns = new FeatureColumns(
                List.of(table.schema().findField("id").fieldId()),
                table.schema().findField("updated_at").fieldId(),
                null,
                null);
        return ScannedRows.all(table, columns);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void rule13ReadsTheSameRowsThroughS3a(int version) {
        TableName name = written("same_v" + version, version);
        try (Catalogs s3 = catalogs();
                Catalogs s3a = throughS3a()) {
            PinnedTable table = head(s3a, name);
            assertThat(CatalogIo.of(table)).isInstanceOf(HadoopFileIO.class);
            assertThat(rows(table)).hasSize(450).isEqualTo(rows(head(s3, name)));
        }
    }

    @Test
    void aFileThatIsGoneMeansTheSnapshotExpired() {
        TableName name = written("gone", 2);
        try (Catalogs s3a = throughS3a()) {
            PinnedTable table = head(s3a, name);
            TRINO.query("SELECT DISTINCT \"$path\" FROM " + name)
                    .forEach(path -> CatalogIo.of(table).deleteFile((String) path.getFirst()));
            assertThatThrownBy(() -> rows(table))
                    .isInstanceOfSatisfying(
                            LakeRejection.class, e -> assertThat(e.code()).isEqualTo("SNAPSHOT_EXPIRED"));
        }
    }

    @Test
    void refusedCredentialsAreAnOutage() {
        TableName name = written("refused", 2);
        // Hadoop keeps one file system per bucket and JVM, whatever its keys
        try (Catalogs s3a =
                throughS3a("hadoop.fs.s3a.secret.key", "wrong", "hadoop.fs.s3.impl.disable.cache", "true")) {
            assertThatThrownBy(() -> rows(head(s3a, name))).isInstanceOf(LakeOutage.class);
        }
    }
}
