package dev.firn.lake.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.embedded.StackAddresses;
import dev.firn.lake.Access;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.ExpireSnapshots.CleanupLevel;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/// Tables written by Trino, on the real store and in the catalog that both share.
final class TrinoTablesIT {
    private static final StackAddresses STACK = TestStack.shared().addresses();
    private static final Trino TRINO = TestStack.shared().trino();
    private static final Catalogs CATALOGS = catalogs(Map.of());
    private static String schema = "";

    private TableName name = new TableName("iceberg", "x", "x");

    @BeforeAll
    static void newSchema() {
        schema = TRINO.newSchema();
    }

    @AfterAll
    static void close() {
        CATALOGS.close();
    }

    @BeforeEach
    void newTable(TestInfo test) {
        String table = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        name = new TableName(StackAddresses.CATALOG, schema, table);
    }

    @Test
    void aTableOfTrinoLoads() {
        create();
        LakeTable table = CATALOGS.load(name);
        assertThat(table.location()).startsWith("s3://lake/iceberg/" + schema + "/");
        assertThat(table.metadataLocation()).startsWith(table.location());
        assertThat(table.schema().findField("total").type()).isEqualTo(Types.IntegerType.get());
        assertThat(table.snapshotId(null)).contains(currentSnapshot());
    }

    @Test
    void eachCommitOfTrinoIsClassified() {
        create();
        TableState state = CommitWalk.state(CATALOGS.load(name), null);

        TRINO.execute("INSERT INTO " + name + " VALUES (1, 10, timestamp '2024-01-01 00:00:00 UTC')");
        state = expect(state, ChangeKind.APPEND, true);
        TRINO.execute("INSERT INTO " + name + " VALUES (2, 20, timestamp '2024-01-02 00:00:00 UTC')");
        state = expect(state, ChangeKind.APPEND, true);

        TRINO.execute("ALTER TABLE " + name + " EXECUTE optimize");
        state = expect(state, ChangeKind.COMPACTION, false);

        TRINO.execute("DELETE FROM " + name + " WHERE customer_id = 1");
        state = expect(state, ChangeKind.CONTENT, true);
        TRINO.execute("UPDATE " + name + " SET total = 21 WHERE customer_id = 2");
        state = expect(state, ChangeKind.CONTENT, true);
        TRINO.execute("ALTER TABLE " + name + " EXECUTE optimize");
        state = expect(state, ChangeKind.COMPACTION, false);

        TRINO.execute("ALTER TABLE " + name + " ADD COLUMN note varchar");
        state = expect(state, ChangeKind.SCHEMA, false);
        TRINO.execute("ANALYZE " + name);
        state = expect(state, ChangeKind.NONE, false);
        expect(state, ChangeKind.NONE, false);
    }

    @Test
    void insertsAndAnOptimizeBetweenTwoLooksAreAnAppend() {
        create();
        TableState before = CommitWalk.state(CATALOGS.load(name), null);
        TRINO.execute("INSERT INTO " + name + " VALUES (1, 10, timestamp '2024-01-01 00:00:00 UTC')");
        TRINO.execute("INSERT INTO " + name + " VALUES (2, 20, timestamp '2024-01-02 00:00:00 UTC')");
        long content = currentSnapshot();
        TRINO.execute("ALTER TABLE " + name + " EXECUTE optimize");
        assertThat(currentSnapshot()).isNotEqualTo(content);
        TableState after = expect(before, ChangeKind.APPEND, true);
        assertThat(after.contentSnapshotId()).isEqualTo(content);
    }

    @Test
    void anInsertOfNoRowsRefreshesNothing() {
        create();
        TRINO.execute("INSERT INTO " + name + " VALUES (1, 10, timestamp '2024-01-01 00:00:00 UTC')");
        TableState before = CommitWalk.state(CATALOGS.load(name), null);
        TRINO.execute("INSERT INTO " + name + " SELECT * FROM " + name + " WHERE false");
        TRINO.execute("DELETE FROM " + name + " WHERE customer_id = 99");
        assertThat(CommitWalk.between(CATALOGS.load(name), null, before).contentChanged())
                .isFalse();
    }

    @Test
    void aRollbackOfTrinoIsContent() {
        create();
        TRINO.execute("INSERT INTO " + name + " VALUES (1, 10, timestamp '2024-01-01 00:00:00 UTC')");
        long first = currentSnapshot();
        TRINO.execute("INSERT INTO " + name + " VALUES (2, 20, timestamp '2024-01-02 00:00:00 UTC')");
        TableState before = CommitWalk.state(CATALOGS.load(name), null);
        TRINO.execute("ALTER TABLE " + name + " EXECUTE rollback_to_snapshot(" + first + ")");
        TableState after = expect(before, ChangeKind.CONTENT, true);
        assertThat(after.snapshotId()).isEqualTo(first);
        assertThat(after.contentSnapshotId()).isEqualTo(first);
    }

    @Test
    void dropAndCreateIsReplacedAndItsPinsAreRefused() {
        create();
        TRINO.execute("INSERT INTO " + name + " VALUES (1, 10, timestamp '2024-01-01 00:00:00 UTC')");
        LakeTable old = CATALOGS.load(name);
        TableState before = CommitWalk.state(old, null);
        SnapshotPin pin = old.pin(SnapshotChoice.head());
        TRINO.execute("DROP TABLE " + name);
        assertThatThrownBy(() -> CATALOGS.load(name)).satisfies(e -> code(e, "TABLE_NOT_FOUND"));
        create();
        assertThat(expect(before, ChangeKind.REPLACED, true).uuid()).isNotEqualTo(before.uuid());
        assertThatThrownBy(() -> CATALOGS.open(pin)).satisfies(e -> code(e, "TABLE_REPLACED"));
    }

    @Test
    void createOrReplaceIsReplaced() {
        create();
        TRINO.execute("INSERT INTO " + name + " VALUES (1, 10, timestamp '2024-01-01 00:00:00 UTC')");
        TableState before = CommitWalk.state(CATALOGS.load(name), null);
        TRINO.execute("CREATE OR REPLACE TABLE " + name + " AS SELECT bigint '5' customer_id, integer '7' total");
        expect(before, ChangeKind.REPLACED, true);
    }

    @Test
    void aViewFollowsRenamesAndWideningsAndBreaksOnADrop() {
        create();
        LakeTable before = CATALOGS.load(name);
        List<BoundColumn> view = List.of(
                bound(before, ColumnRole.KEY, "customer_id", ""),
                bound(before, ColumnRole.TIMESTAMP, "updated_at", ""),
                bound(before, ColumnRole.FEATURE, "total", "int64"));
        TRINO.execute(
                "ALTER TABLE " + name + " RENAME COLUMN total TO sum_total",
                "ALTER TABLE " + name + " ALTER COLUMN sum_total SET DATA TYPE bigint");
        SchemaFit fit = SchemaFit.byFieldId(view, CATALOGS.load(name).schema());
        assertThat(fit.fits()).isTrue();
        assertThat(fit.columns().getLast().column()).isEqualTo("sum_total");
        assertThat(fit.columns().getLast().type()).isEqualTo("long");
        TRINO.execute(
                "ALTER TABLE " + name + " DROP COLUMN sum_total",
                "ALTER TABLE " + name + " ADD COLUMN sum_total bigint");
        assertThat(SchemaFit.byFieldId(fit.columns(), CATALOGS.load(name).schema())
                        .reasons())
                .extracting(SchemaFit.Reason::code)
                .containsExactly(SchemaFit.Code.COLUMN_DROPPED);
    }

    @Test
    void rule13PinsKeepTheirSchemaThroughEvolution() {
        create();
        TRINO.execute("INSERT INTO " + name + " VALUES (1, 10, timestamp '2024-01-01 00:00:00 UTC')");
        LakeTable then = CATALOGS.load(name);
        SnapshotPin pin = then.pin(SnapshotChoice.head());
        Instant at = Instant.ofEpochMilli(then.iceberg().currentSnapshot().timestampMillis());
        TRINO.execute("ALTER TABLE " + name + " DROP COLUMN total");
        TRINO.execute("INSERT INTO " + name + " VALUES (2, timestamp '2024-01-02 00:00:00 UTC')");
        assertThat(CATALOGS.open(pin).schema().findField("total")).isNotNull();
        SnapshotPin asOf = CATALOGS.load(name).pin(new SnapshotChoice.AsOf(at));
        assertThat(asOf.snapshotId()).isEqualTo(pin.snapshotId());
        assertThat(CATALOGS.open(asOf).schema().findField("total")).isNotNull();
        SnapshotPin head = CATALOGS.load(name).pin(SnapshotChoice.head());
        assertThat(CATALOGS.open(head).schema().findField("total")).isNull();
    }

    @Test
    void branchesAndTagsAreSeenAndAFastForwardIsWhatTheBranchDid() {
        create();
        TRINO.execute("INSERT INTO " + name + " VALUES (1, 10, timestamp '2024-01-01 00:00:00 UTC')");
        Table writer = writer().loadTable(TableIdentifier.of(schema, name.table()));
        long first = currentSnapshot();
        writer.manageSnapshots().createTag("v1", first).createBranch("audit").commit();
        TableState before = CommitWalk.state(CATALOGS.load(name), null);
        TableState audit = CommitWalk.state(CATALOGS.load(name), "audit");
        writer.newDelete()
                .deleteFromRowFilter(Expressions.alwaysTrue())
                .toBranch("audit")
                .commit();
        assertThat(CommitWalk.between(CATALOGS.load(name), null, before).kind()).isEqualTo(ChangeKind.NONE);
        assertThat(CommitWalk.between(CATALOGS.load(name), "audit", audit).kind())
                .isEqualTo(ChangeKind.CONTENT);
        writer.manageSnapshots().fastForwardBranch("main", "audit").commit();
        expect(before, ChangeKind.CONTENT, true);
        assertThat(CATALOGS.load(name).pin(new SnapshotChoice.Head("v1")).snapshotId())
                .isEqualTo(first);
    }

    @Test
    void anExpiredPinIsReadThroughItsMetadataWhileItsFilesStand() {
        create();
        TRINO.execute("INSERT INTO " + name + " VALUES (1, 10, timestamp '2024-01-01 00:00:00 UTC')");
        SnapshotPin pin = CATALOGS.load(name).pin(SnapshotChoice.head());
        long id = Objects.requireNonNull(pin.snapshotId());
        TRINO.execute("INSERT INTO " + name + " VALUES (2, 20, timestamp '2024-01-02 00:00:00 UTC')");
        Table writer = writer().loadTable(TableIdentifier.of(schema, name.table()));
        writer.expireSnapshots()
                .expireSnapshotId(id)
                .cleanupLevel(CleanupLevel.NONE)
                .commit();
        assertThat(CATALOGS.open(pin).iceberg().snapshot(id).summary()).containsEntry("total-records", "1");
        writer.io().deleteFile(CATALOGS.open(pin).iceberg().snapshot(id).manifestListLocation());
        assertThatThrownBy(() -> CATALOGS.open(pin)).satisfies(e -> code(e, "SNAPSHOT_EXPIRED"));
        assertThatThrownBy(() -> CATALOGS.load(name).pin(new SnapshotChoice.ById(id)))
                .satisfies(e -> code(e, "SNAPSHOT_EXPIRED"));
    }

    @Test
    void misspeltNamesAreAnsweredWithTheNearest() {
        create();
        String misspelt = name.table().substring(1);
        assertThatThrownBy(() -> CATALOGS.load(new TableName("iceberg", schema, misspelt)))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.suggestion()).contains(name.table()));
    }

    @Test
    void aViewOfTrinoIsUnsupported() {
        create();
        TRINO.execute("CREATE VIEW iceberg." + schema + ".v AS SELECT 1 AS one");
        assertThatThrownBy(() -> CATALOGS.load(new TableName("iceberg", schema, "v")))
                .satisfies(e -> code(e, "UNSUPPORTED_TABLE"));
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void aStoreThatIsAwayIsAnOutageWithinTheTimeLimit() throws IOException {
        create();
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        long start = System.nanoTime();
        try (Catalogs away = catalogs(Map.of("s3.endpoint", "http://127.0.0.1:" + port))) {
            assertThatThrownBy(() -> away.load(name))
                    .isInstanceOfSatisfying(
                            LakeOutage.class, e -> assertThat(e.code()).isEqualTo("CATALOG_UNAVAILABLE"))
                    .hasMessageContaining(name.toString());
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isLessThan(CatalogLimits.DEFAULTS.callTime().plusSeconds(10));
    }

    private void create() {
        TRINO.execute("CREATE TABLE " + name
                + " (customer_id bigint, total integer, updated_at timestamp(6) with time zone)");
    }

    private TableState expect(TableState before, ChangeKind kind, boolean contentChanged) {
        TableChange change = CommitWalk.between(CATALOGS.load(name), null, before);
        assertThat(change.kind()).isEqualTo(kind);
        assertThat(change.contentChanged()).isEqualTo(contentChanged);
        assertThat(change.now().snapshotId()).isEqualTo(currentSnapshot());
        return change.now();
    }

    private long currentSnapshot() {
        return (Long) TRINO.query("SELECT snapshot_id FROM iceberg.\"" + schema + "\".\"" + name.table()
                        + "$refs\" WHERE name = 'main'")
                .getFirst()
                .getFirst();
    }

    private static BoundColumn bound(LakeTable table, ColumnRole role, String column, String dtype) {
        var field = table.schema().findField(column);
        return new BoundColumn(
                role,
                column,
                column,
                field.fieldId(),
                field.type().toString(),
                dtype.isEmpty() ? null : Dtype.parse(dtype));
    }

    private static Catalog writer() {
        return CatalogUtil.buildIcebergCatalog(
                StackAddresses.CATALOG, STACK.icebergCatalogProperties(), new Configuration());
    }

    private static Catalogs catalogs(Map<String, String> changed) {
        Map<String, String> properties = new HashMap<>(STACK.icebergCatalogProperties());
        properties.putAll(changed);
        return Catalogs.of(
                Map.of(StackAddresses.CATALOG, properties),
                properties,
                new Access(Set.of(StackAddresses.CATALOG), Set.of(), List.of("s3://lake/spines"), "s3://lake/results"));
    }

    private static void code(Throwable fault, String code) {
        assertThat(fault)
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
