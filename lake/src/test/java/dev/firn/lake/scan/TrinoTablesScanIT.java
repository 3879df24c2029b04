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
import dev.firn.lake.catalog.PinnedTables;
import dev.firn.lake.catalog.SnapshotChoice;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A scan of a table written by Trino returns the rows that Trino returns for the same snapshot.
final class TrinoTablesScanIT {
    private static final StackAddresses STACK = TestStack.shared().addresses();
    private static final Trino TRINO = TestStack.shared().trino();
    private static final Catalogs CATALOGS = Catalogs.of(
            Map.of(StackAddresses.CATALOG, STACK.icebergCatalogProperties()),
            STACK.icebergCatalogProperties(),
            new Access(Set.of(StackAddresses.CATALOG), Set.of(), List.of("s3://lake/spines"), "s3://lake/results"));
    private static final int ROWS = 200;
    private static String schema = "";

    @BeforeAll
    static void newSchema() {
        schema = TRINO.newSchema();
    }

    @AfterAll
    static void close() {
        CATALOGS.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2 |
            2 | 'day(updated_at)'
            2 | 'bucket(id, 3)'
            3 | 'region'
            3 |
            """, quoteCharacter = '~')
    void rule13EverySnapshotIsReadAsTrinoAnswersIt(int version, String partitioning) {
        TableName name = new TableName(StackAddresses.CATALOG, schema, "history_" + TestStack.namespace());
        create(name, version, partitioning == null ? "" : partitioning);
        insert(name, 0, ROWS);
        insert(name, ROWS, ROWS + 50);
        TRINO.execute(
                "DELETE FROM " + name + " WHERE id % 10 = 3",
                "UPDATE " + name + " SET total = total + 1000, note = NULL WHERE id % 7 = 0",
                """
                MERGE INTO %1$s t USING (SELECT * FROM %1$s WHERE id %% 9 = 1) s ON t.id = s.id
                WHEN MATCHED AND s.id %% 2 = 0 THEN DELETE
                WHEN MATCHED THEN UPDATE SET amount = s.amount + 0.5, region = 'us'
                """.formatted(name),
                "ALTER TABLE " + name + " RENAME COLUMN total TO sum_total",
                "ALTER TABLE " + name + " ALTER COLUMN sum_total SET DATA TYPE bigint",
                "ALTER TABLE " + name + " ALTER COLUMN score SET DATA TYPE double",
                "ALTER TABLE " + name + " ALTER COLUMN amount SET DATA TYPE decimal(12, 2)",
                "ALTER TABLE " + name + " DROP COLUMN note",
                "ALTER TABLE " + name + " ADD COLUMN note bigint",
                "INSERT INTO " + name + " (id, updated_at, region, sum_total, score, note)"
                        + " VALUES (9001, timestamp '2024-05-01 00:00:00.000001 UTC', 'eu', 5000000000, 1e300, 7),"
                        + " (9002, NULL, 'eu', 1, 1, 1), (9003, timestamp '1960-01-01 00:00:00 UTC', NULL, 1, 1, 1)",
                "DELETE FROM " + name + " WHERE sum_total BETWEEN 1010 AND 1060",
                "ALTER TABLE " + name + " EXECUTE optimize",
                "DELETE FROM " + name + " WHERE id % 10 = 4");

        LakeTable table = CATALOGS.load(name);
        assertThat(answered(table, new SnapshotChoice.Head(null), name.toString()))
                .as("the head")
                .hasSizeBetween(120, 220);
        int compared = 0;
        for (Snapshot snapshot : table.iceberg().snapshots()) {
            answered(table, new SnapshotChoice.ById(snapshot.snapshotId()), versionOf(name, snapshot.snapshotId()));
            compared++;
        }
        assertThat(compared).as("snapshots compared").isGreaterThanOrEqualTo(9);
    }

    @Test
    void rule9BranchesAndTagsAreReadAsTrinoAnswersThem() {
        TableName name = new TableName(StackAddresses.CATALOG, schema, "refs");
        create(name, 2, "'region'");
        insert(name, 0, ROWS);
        Table writer = writer().loadTable(TableIdentifier.of(schema, name.table()));
        long tagged = writer.currentSnapshot().snapshotId();
        writer.manageSnapshots()
                .createTag("v1", tagged)
                .createBranch("audit", tagged)
                .commit();
        TRINO.execute("DELETE FROM " + name + " WHERE id % 2 = 0");
        writer.refresh();
        writer.newDelete()
                .deleteFromRowFilter(Expressions.equal("region", "eu"))
                .toBranch("audit")
                .commit();

        LakeTable table = CATALOGS.load(name);
        int all = answered(table, new SnapshotChoice.Head("v1"), name + " FOR VERSION AS OF 'v1'")
                .size();
        int audited = answered(table, new SnapshotChoice.Head("audit"), name + " FOR VERSION AS OF 'audit'")
                .size();
        int main =
                answered(table, new SnapshotChoice.Head(null), name.toString()).size();
        assertThat(List.of(all, main)).containsExactly(ROWS, ROWS / 2);
        assertThat(audited).isBetween(1, ROWS - 1).isNotEqualTo(main);
    }

    @Test
    void aDataFileThatIsGoneMeansTheSnapshotExpired() {
        PinnedTable table = deleted("data_gone", 2);
        CatalogIo.of(table).deleteFile(tasks(table).getFirst().file().location());
        expectExpired(table);
    }

    @Test
    void aDeleteFileThatIsGoneMeansTheSnapshotExpired() {
        PinnedTable table = deleted("delete_gone", 2);
        CatalogIo.of(table).deleteFile(deleteFile(table));
        expectExpired(table);
    }

    @Test
    void aDeletionVectorThatIsGoneMeansTheSnapshotExpired() {
        PinnedTable table = deleted("vector_gone", 3);
        assertThat(deleteFile(table)).endsWith(".puffin");
        CatalogIo.of(table).deleteFile(deleteFile(table));
        expectExpired(table);
    }

    @Test
    void aManifestThatIsGoneMeansTheSnapshotExpired() {
        PinnedTable table = deleted("manifest_gone", 2);
        CatalogIo.of(table)
                .deleteFile(table.iceberg()
                        .currentSnapshot()
                        .dataManifests(table.io())
                        .getFirst()
                        .path());
        expectExpired(pinned(new TableName(StackAddresses.CATALOG, schema, "manifest_gone")));
    }

    @Test
    void refusedCredentialsAreAnOutage() {
        PinnedTable table = deleted("refused", 2);
        try (FileIO io = io(Map.of("s3.secret-access-key", "wrong"))) {
            expectOutage(through(table, io), () -> {});
        }
    }

    @Test
    void aStoreThatIsAwayIsAnOutage() {
        PinnedTable table = deleted("away", 2);
        Relay relay = new Relay(STACK.s3Endpoint());
        relay.close();
        try (FileIO io = io(Map.of("s3.endpoint", relay.endpoint()))) {
            expectOutage(through(table, io), () -> {});
        }
    }

    @Test
    void aStoreThatStopsInTheMiddleIsAnOutage() {
        TableName name = new TableName(StackAddresses.CATALOG, schema, "stops");
        create(name, 2, "'bucket(id, 8)'");
        insert(name, 0, ROWS);
        PinnedTable table = pinned(name);
        try (Relay relay = new Relay(STACK.s3Endpoint());
                FileIO io = io(Map.of("s3.endpoint", relay.endpoint()))) {
            PinnedTable through = through(table, io);
            assertThat(scanned(through).rows).hasSize(ROWS);
            expectOutage(through, relay::close);
        }
    }

    // what is compared

    private static List<String> answered(LakeTable table, SnapshotChoice choice, String source) {
        PinnedTable pinned = CATALOGS.open(table, table.pin(choice));
        List<String> answer = TrinoAnswers.rows(TRINO, pinned.schema(), source, "updated_at");
        assertThat(scanned(pinned).rows).as(source).isEqualTo(answer);
        return answer;
    }

    private static ScannedRows scanned(PinnedTable table) {
        return new ScannedRows(table, columns(table), ScanBounds.NONE, new ScanSettings(2, 97), TrinoAnswers::text);
    }

    private static FeatureColumns columns(PinnedTable table) {
        return new FeatureColumns(List.of(id(table, "id")), id(table, "updated_at"), null, null);
    }

    private static int id(PinnedTable table, String column) {
        NestedField field = table.schema().findField(column);
        return field.fieldId();
    }

    private static void expectExpired(PinnedTable table) {
        assertThatThrownBy(() -> scanned(table))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("SNAPSHOT_EXPIRED"))
                .hasMessageContaining(table.pin().table().toString())
                .hasMessageContaining(String.valueOf(table.pin().snapshotId()));
    }

    private static void expectOutage(PinnedTable table, Runnable atTheFirstBatch) {
        assertThatThrownBy(() -> {
                    ScanPlan plan = new ScanPlanner().plan(table, columns(table), ScanBounds.NONE);
                    new TableScan(table, plan, new ScanSettings(1, 97))
                            .stream(
                                    columns(table),
                                    () -> batch -> atTheFirstBatch.run(),
                                    () -> false,
                                    ProgressSink.NONE);
                })
                .isInstanceOfSatisfying(
                        LakeOutage.class, e -> assertThat(e.code()).isEqualTo("STORAGE_UNAVAILABLE"))
                .hasMessageContaining(table.pin().table().toString());
    }

    // tables

    private static void create(TableName name, int version, String partitioning) {
        TRINO.execute("""
                CREATE TABLE %s (
                  id bigint, updated_at timestamp(6) with time zone, region varchar, total integer, score real,
                  ratio double, amount decimal(9, 2), big decimal(38, 6), note varchar, raw varbinary, flag boolean,
                  day date, at time(6), local timestamp(6), key uuid, list array(integer),
                  map map(varchar, bigint), struct row(a integer, b varchar))
                WITH (format_version = %d, partitioning = ARRAY[%s])
                """.formatted(name, version, partitioning));
    }

    /// Every column has some nulls.
    private static void insert(TableName name, int from, int to) {
        TRINO.execute("""
                INSERT INTO %s SELECT
                  n, timestamp '2024-03-01 00:00:00.000001 UTC' + n * interval '61' minute,
                  element_at(ARRAY['eu', 'us', 'ключ', NULL], CAST(n %% 4 + 1 AS integer)),
                  IF(n %% 11 = 0, NULL, CAST(n AS integer)), CAST(n / 7e0 AS real), IF(n %% 13 = 0, NULL, n / 7e0),
                  CAST(n / 7e0 AS decimal(9, 2)), CAST(-n * 1234567890123 AS decimal(38, 6)), 'note ' || CAST(n AS varchar),
                  IF(n %% 17 = 0, NULL, to_utf8('raw' || CAST(n AS varchar))), n %% 3 = 0,
                  date_add('day', CAST(-n * 100 AS integer), date '2024-01-01'),
                  time '00:00:00.000001' + n * interval '97' second,
                  timestamp '1969-12-31 23:59:59.999999' + n * interval '13' hour,
                  CAST('fd3e9f60-0000-4000-8000-00000000' || lpad(CAST(n AS varchar), 4, '0') AS uuid),
                  IF(n %% 5 = 0, NULL, ARRAY[CAST(n AS integer), NULL, 2]), MAP(ARRAY['k', 'l'], ARRAY[n, NULL]),
                  IF(n %% 6 = 0, NULL, CAST(ROW(n, 'b' || CAST(n AS varchar)) AS row(a integer, b varchar)))
                FROM UNNEST(sequence(%d, %d)) AS t(n)
                """.formatted(name, from, to - 1));
    }

    /// A table of one data file with some of its rows deleted.
    private static PinnedTable deleted(String table, int version) {
        TableName name = new TableName(StackAddresses.CATALOG, schema, table);
        create(name, version, "");
        insert(name, 0, 50);
        TRINO.execute("DELETE FROM " + name + " WHERE id % 10 = 3");
        return pinned(name);
    }

    private static PinnedTable pinned(TableName name) {
        LakeTable table = CATALOGS.load(name);
        return CATALOGS.open(table, table.pin(SnapshotChoice.head()));
    }

    private static List<FileScanTask> tasks(PinnedTable table) {
        try (CloseableIterable<FileScanTask> tasks = table.iceberg().newScan().planFiles()) {
            List<FileScanTask> all = new ArrayList<>();
            tasks.forEach(all::add);
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String deleteFile(PinnedTable table) {
        return tasks(table).getFirst().deletes().getFirst().location();
    }

    /// The same pinned table, with its files read through another connection to the store.
    private static PinnedTable through(PinnedTable table, FileIO io) {
        BaseTable base = (BaseTable) table.iceberg();
        Table other = new BaseTable(
                new StaticTableOperations(base.operations().current(), io),
                table.pin().table().toString());
        return PinnedTables.over(table, other);
    }

    private static FileIO io(Map<String, String> changed) {
        Map<String, String> properties = new HashMap<>(STACK.icebergCatalogProperties());
        properties.put("s3.retry.num-retries", "1");
        properties.putAll(changed);
        return CatalogUtil.loadFileIO(properties.getOrDefault("io-impl", ""), properties, new Configuration());
    }

    private static Catalog writer() {
        return CatalogUtil.buildIcebergCatalog(
                StackAddresses.CATALOG, STACK.icebergCatalogProperties(), new Configuration());
    }

    private static String versionOf(TableName name, long snapshotId) {
        return name + " FOR VERSION AS OF " + snapshotId;
    }
}
