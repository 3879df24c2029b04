package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackAddresses;
import dev.firn.events.CommitKind;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.TableCommit;
import dev.firn.events.TableSource;
import dev.firn.events.ViewStatus;
import dev.firn.schemas.Code;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Trino;
import dev.firn.testkit.WithStack;
import java.util.UUID;
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

/// What a table's history does to views: branches, rollbacks, cherry-picks, compaction, and expired history.
/// The watcher reads no rows, so the files that Iceberg's writer adds here exist in metadata only.
@WithStack
final class HistoryIT {
    private static final JdbcCatalog WRITER = new JdbcCatalog();
    private static WatchedTables tables;

    @BeforeAll
    static void start(TestStack stack, Trino trino) {
        WRITER.setConf(new Configuration());
        WRITER.initialize(StackAddresses.CATALOG, stack.addresses().icebergCatalogProperties());
        tables = new WatchedTables(stack, trino);
    }

    @AfterAll
    static void stop() {
        tables.close();
        WRITER.close();
    }

    @Test
    void aViewOfABranchFollowsThatBranchOnly() {
        Table table = create("branched");
        table.manageSnapshots().createBranch("audit").commit();
        register("branched", "audit");
        append(table, null);
        append(table, "audit");
        tables.hint("branched");

        TableCommit commit = tables.awaitCommit("branched");
        assertThat(commit.getRef()).isEqualTo("audit");
        assertThat(commit.getKind()).isEqualTo(CommitKind.APPEND);
        assertThat(commit.getSnapshotId()).isEqualTo(table.snapshot("audit").snapshotId());
        assertThat(awaitAt("branched", commit.getSnapshotId()).getStatus()).isEqualTo(ViewStatus.ACTIVE);
    }

    @Test
    void aFastForwardHasTheKindOfTheBranchsCommits() {
        Table table = create("forwarded");
        table.manageSnapshots().createBranch("audit").commit();
        register("forwarded", null);
        append(table, "audit");
        append(table, "audit");
        table.manageSnapshots().fastForwardBranch("main", "audit").commit();
        tables.hint("forwarded");

        TableCommit commit = tables.awaitCommit("forwarded");
        assertThat(commit.getKind()).isEqualTo(CommitKind.APPEND);
        assertThat(commit.getSnapshotId()).isEqualTo(head(table));
    }

    @Test
    void aRollbackChangesContentAndTheViewFollows() {
        Table table = create("rolled");
        long first = head(table);
        tables.insert("rolled", 2, 2, 2);
        register("rolled", null);
        tables.alter("rolled", "EXECUTE rollback_to_snapshot(%d)".formatted(first));

        TableCommit commit = tables.awaitCommit("rolled");
        assertThat(commit.getKind()).isEqualTo(CommitKind.CONTENT);
        assertThat(commit.getContentChanged()).isTrue();
        assertThat(awaitAt("rolled", first).getSource().getContentSnapshotId()).isEqualTo(first);
    }

    @Test
    void aCherryPickHasTheKindOfThePickedCommit() {
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
        tables.hint("picked");

        TableCommit commit = tables.awaitCommit("picked");
        assertThat(commit.getKind()).isEqualTo(CommitKind.APPEND);
        assertThat(commit.getSnapshotId()).isEqualTo(head(table));
    }

    @Test
    void aRemovedTagBreaksItsViewAndANewOneRepairsIt() {
        Table table = create("tagged");
        table.manageSnapshots().createTag("v1", head(table)).commit();
        register("tagged", "v1");
        table.manageSnapshots().removeTag("v1").commit();
        tables.hint("tagged");
        FeatureView broken = tables.awaitStatus("tagged", ViewStatus.BROKEN);
        assertThat(broken.getReasons().getFirst().getCode()).isEqualTo(Code.REF_NOT_FOUND.name());

        append(table, null);
        table.manageSnapshots().createTag("v1", head(table)).commit();
        tables.hint("tagged");
        assertThat(awaitAt("tagged", head(table)).getStatus()).isEqualTo(ViewStatus.ACTIVE);
    }

    @Test
    void aCompactionChangesTheSnapshotButNotTheContent() {
        Table table = create("compacted");
        tables.insert("compacted", 2, 2, 2);
        FeatureView before = register("compacted", null);
        tables.alter("compacted", "EXECUTE optimize");

        TableCommit commit = tables.awaitCommit("compacted");
        assertThat(commit.getKind()).isEqualTo(CommitKind.COMPACTION);
        assertThat(commit.getContentChanged()).isFalse();
        assertThat(awaitAt("compacted", head(table)).getSource().getContentSnapshotId())
                .isEqualTo(before.getSource().getContentSnapshotId());
    }

    @Test
    void theKindOfACommitWithExpiredHistoryComesFromItsFiles() {
        Table table = create("expired");
        FeatureView before = register("expired", null);
        for (int day = 2; day < 5; day++) {
            tables.insert("expired", day, 2, day);
        }
        tables.alter("expired", "EXECUTE expire_snapshots(retention_threshold => '0s')");
        table.refresh();
        assertThat(table.snapshots()).hasSize(1);

        TableCommit commit = tables.awaitCommit("expired");
        assertThat(commit.getPreviousSnapshotId()).isEqualTo(before.getSource().getSnapshotId());
        assertThat(commit.getKind()).isEqualTo(CommitKind.APPEND);
        assertThat(awaitAt("expired", commit.getSnapshotId()).getStatus()).isEqualTo(ViewStatus.ACTIVE);
    }

    private static Table create(String table) {
        tables.create(table);
        return WRITER.loadTable(TableIdentifier.of(tables.schema, table));
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
        RegistrationRequest.Builder request = tables.request("register-" + view, view);
        return tables.register(request.setSource(TableSource.newBuilder(request.getSource())
                                .setRef(ref)
                                .build())
                        .build())
                .getFeatureView();
    }

    private static FeatureView awaitAt(String view, Long snapshot) {
        return tables.awaitView(
                view,
                record -> record.getStatus() == ViewStatus.ACTIVE
                        && snapshot.equals(record.getSource().getSnapshotId()));
    }
}
