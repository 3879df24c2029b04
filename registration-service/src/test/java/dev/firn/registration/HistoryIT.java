package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackAddresses;
import dev.firn.events.CommitKind;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.TableCommit;
import dev.firn.events.TableHint;
import dev.firn.events.TableSource;
import dev.firn.events.ViewStatus;
import dev.firn.schemas.Topic;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.WithStack;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a table's history does to views: refs that move, forwards, backwards and aside, and history that is gone. The
/// watcher reads no rows, so files that Iceberg's own writer adds here are in the metadata only.
@WithStack
final class HistoryIT {
    private static final JdbcCatalog WRITER = new JdbcCatalog();
    private static RealRegistry registry;
    private static Trino trino;
    private static String schema;

    @BeforeAll
    static void start(TestStack stack, Trino shared) {
        trino = shared;
        schema = trino.newSchema();
        WRITER.setConf(new Configuration());
        WRITER.initialize(StackAddresses.CATALOG, stack.addresses().icebergCatalogProperties());
        registry = new RealRegistry(stack).started();
    }

    @AfterAll
    static void stop() {
        registry.close();
        WRITER.close();
    }

    @Test
    void aViewOnABranchFollowsThatBranchOnly() {
        Table table = create("branched");
        table.manageSnapshots().createBranch("audit").commit();
        register("branched", "audit");
        append(table, null);
        append(table, "audit");
        hint("branched");

        TableCommit commit = awaitCommit("branched");
        assertThat(commit.getRef()).isEqualTo("audit");
        assertThat(commit.getKind()).isEqualTo(CommitKind.APPEND);
        assertThat(commit.getSnapshotId()).isEqualTo(table.snapshot("audit").snapshotId());
        assertThat(awaitAt("branched", commit.getSnapshotId()).getStatus()).isEqualTo(ViewStatus.ACTIVE);
    }

    @Test
    void aFastForwardIsWhatTheBranchDid() {
        Table table = create("forwarded");
        table.manageSnapshots().createBranch("audit").commit();
        register("forwarded", null);
        append(table, "audit");
        append(table, "audit");
        table.manageSnapshots().fastForwardBranch("main", "audit").commit();
        hint("forwarded");

        TableCommit commit = awaitCommit("forwarded");
        assertThat(commit.getKind()).isEqualTo(CommitKind.APPEND);
        assertThat(commit.getSnapshotId()).isEqualTo(head(table));
    }

    @Test
    void aRollbackIsContentAndTheViewGoesBack() {
        Table table = create("rolled");
        long first = head(table);
        trino.execute(
                "INSERT INTO %s VALUES (2, 2, 0.5, TIMESTAMP '2024-01-02 00:00:00 UTC')".formatted(name("rolled")));
        register("rolled", null);
        trino.execute("ALTER TABLE %s EXECUTE rollback_to_snapshot(%d)".formatted(name("rolled"), first));
        hint("rolled");

        TableCommit commit = awaitCommit("rolled");
        assertThat(commit.getKind()).isEqualTo(CommitKind.CONTENT);
        assertThat(commit.getContentChanged()).isTrue();
        assertThat(awaitAt("rolled", first).getSource().getContentSnapshotId()).isEqualTo(first);
    }

    @Test
    void aCherryPickIsWhatWasPicked() {
        Table table = create("picked");
        register("picked", null);
        table.newAppend().appendFile(file(table)).stageOnly().commit();
        table.refresh();
        long main = head(table);
        long staged = 0;
        for (var snapshot : table.snapshots()) {
            staged = snapshot.snapshotId() == main ? staged : snapshot.snapshotId();
        }
        append(table, null);
        table.manageSnapshots().cherrypick(staged).commit();
        hint("picked");

        TableCommit commit = awaitCommit("picked");
        assertThat(commit.getKind()).isEqualTo(CommitKind.APPEND);
        assertThat(commit.getSnapshotId()).isEqualTo(head(table));
    }

    @Test
    void aTagThatGoesBreaksItsViewAndOneOfThatNameMendsIt() {
        Table table = create("tagged");
        table.manageSnapshots().createTag("v1", head(table)).commit();
        register("tagged", "v1");
        table.manageSnapshots().removeTag("v1").commit();
        hint("tagged");
        FeatureView broken = awaitView("tagged", view -> view.getStatus() == ViewStatus.BROKEN);
        assertThat(broken.getReasons().getFirst().getCode()).isEqualTo("REF_NOT_FOUND");

        append(table, null);
        table.manageSnapshots().createTag("v1", head(table)).commit();
        hint("tagged");
        assertThat(awaitAt("tagged", head(table)).getStatus()).isEqualTo(ViewStatus.ACTIVE);
    }

    @Test
    void aCompactionMovesTheRecordAndNotItsContent() {
        Table table = create("compacted");
        trino.execute(
                "INSERT INTO %s VALUES (2, 2, 0.5, TIMESTAMP '2024-01-02 00:00:00 UTC')".formatted(name("compacted")));
        FeatureView before = register("compacted", null);
        trino.execute("ALTER TABLE %s EXECUTE optimize".formatted(name("compacted")));
        hint("compacted");

        TableCommit commit = awaitCommit("compacted");
        assertThat(commit.getKind()).isEqualTo(CommitKind.COMPACTION);
        assertThat(commit.getContentChanged()).isFalse();
        assertThat(awaitAt("compacted", head(table)).getSource().getContentSnapshotId())
                .isEqualTo(before.getSource().getContentSnapshotId());
    }

    @Test
    void commitsWhoseHistoryHasExpiredAreToldByTheirFiles() {
        Table table = create("expired");
        FeatureView before = register("expired", null);
        for (int day = 2; day < 5; day++) {
            trino.execute("INSERT INTO %s VALUES (%d, 2, 0.5, TIMESTAMP '2024-01-0%d 00:00:00 UTC')"
                    .formatted(name("expired"), day, day));
        }
        trino.execute(
                "ALTER TABLE %s EXECUTE expire_snapshots(retention_threshold => '0s')".formatted(name("expired")));
        table.refresh();
        assertThat(table.snapshots()).hasSize(1);
        hint("expired");

        TableCommit commit = awaitCommit("expired");
        assertThat(commit.getPreviousSnapshotId()).isEqualTo(before.getSource().getSnapshotId());
        assertThat(commit.getKind()).isEqualTo(CommitKind.APPEND);
        assertThat(awaitAt("expired", commit.getSnapshotId()).getStatus()).isEqualTo(ViewStatus.ACTIVE);
    }

    private static Table create(String table) {
        trino.execute(
                "CREATE TABLE %s (customer_id bigint, total_orders bigint, avg_order_value double, updated_at timestamp(6) with time zone)"
                        .formatted(name(table)),
                "INSERT INTO %s VALUES (1, 1, 0.5, TIMESTAMP '2024-01-01 00:00:00 UTC')".formatted(name(table)));
        return WRITER.loadTable(TableIdentifier.of(schema, table));
    }

    private static void append(Table table, @Nullable String branch) {
        table.refresh();
        var append = table.newAppend().appendFile(file(table));
        (branch == null ? append : append.toBranch(branch)).commit();
        table.refresh();
    }

    private static DataFile file(Table table) {
        return DataFiles.builder(table.spec())
                .withPath("%s/data/%s.parquet".formatted(table.location(), UUID.randomUUID()))
                .withFileSizeInBytes(1_000)
                .withRecordCount(1)
                .withFormat(FileFormat.PARQUET)
                .build();
    }

    private static long head(Table table) {
        table.refresh();
        return table.currentSnapshot().snapshotId();
    }

    private static FeatureView register(String view, @Nullable String ref) {
        RegistrationRequest.Builder request = Views.request("register-" + view, view);
        registry.send(request.setSource(TableSource.newBuilder(request.getSource())
                        .setSchema$(schema)
                        .setTableName(view)
                        .setRef(ref)
                        .build())
                .build());
        RegistrationResult result = registry.results()
                .await(answer -> answer.getRequestId().equals("register-" + view), "the registration of " + view)
                .value();
        assertThat(result.getViolations()).isEmpty();
        return Objects.requireNonNull(result.getFeatureView());
    }

    private static TableCommit awaitCommit(String table) {
        return registry.reader(Topic.TABLE_COMMITS, TableCommit.class)
                .await(commit -> commit.getTableName().equals(table), "a commit of " + table)
                .value();
    }

    private static FeatureView awaitAt(String view, Long snapshot) {
        return awaitView(
                view,
                record -> record.getStatus() == ViewStatus.ACTIVE
                        && snapshot.equals(record.getSource().getSnapshotId()));
    }

    private static FeatureView awaitView(String view, Predicate<FeatureView> wanted) {
        List<FeatureView> found =
                registry.views().awaitMatching(record -> record.getName().equals(view) && wanted.test(record), 1);
        return found.getLast();
    }

    private static void hint(String table) {
        registry.send(
                Topic.TABLE_HINTS,
                null,
                TableHint.newBuilder()
                        .setCatalog("iceberg")
                        .setSchema$(schema)
                        .setTableName(table)
                        .setOrigin("test")
                        .build());
    }

    private static String name(String table) {
        return "iceberg.%s.%s".formatted(schema, table);
    }
}
