package dev.firn.lake.catalog;

import static dev.firn.lake.catalog.LakeFixture.ORDERS;
import static dev.firn.lake.catalog.LakeFixture.append;
import static dev.firn.lake.catalog.LakeFixture.compact;
import static dev.firn.lake.catalog.LakeFixture.deletes;
import static dev.firn.lake.catalog.LakeFixture.head;
import static dev.firn.lake.catalog.LakeFixture.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeRejection;
import java.nio.file.Path;
import java.time.Instant;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CommitWalkTest {
    private LakeFixture lake;
    private Table table;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        table = lake.create(ORDERS);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void anUnchangedTableIsNoChange() {
        append(table, 10);
        TableState before = state();
        TableChange change = since(before);
        assertThat(change.kind()).isEqualTo(ChangeKind.NONE);
        assertThat(change.differs()).isFalse();
        assertThat(change.now()).isEqualTo(before);
    }

    @Test
    void aTableWithoutSnapshotHasAState() {
        TableState empty = state();
        assertThat(empty.snapshotId()).isNull();
        assertThat(empty.contentSnapshotId()).isNull();
        assertThat(since(empty).kind()).isEqualTo(ChangeKind.NONE);
    }

    @Test
    void theFirstAppendIsAnAppend() {
        TableState empty = state();
        append(table, 10);
        expect(since(empty), ChangeKind.APPEND, true, head(table));
    }

    @Test
    void anAppendMovesTheContent() {
        append(table, 10);
        TableState before = state();
        append(table, 5);
        TableChange change = since(before);
        expect(change, ChangeKind.APPEND, true, head(table));
        assertThat(change.committed())
                .contains(Instant.ofEpochMilli(table.currentSnapshot().timestampMillis()));
    }

    @Test
    void aDeleteIsContent() {
        DataFile file = append(table, 10);
        append(table, 10);
        TableState before = state();
        table.newDelete().deleteFile(file).commit();
        expect(since(before), ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void aRowLevelDeleteIsContent() {
        append(table, 10);
        TableState before = state();
        table.newRowDelta().addDeletes(deletes(table, 1)).commit();
        expect(since(before), ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void anOverwriteIsContent() {
        DataFile file = append(table, 10);
        TableState before = state();
        table.newOverwrite().deleteFile(file).addFile(rows(table, 10)).commit();
        expect(since(before), ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void appendsAndDeletesTogetherAreContent() {
        DataFile file = append(table, 10);
        TableState before = state();
        table.newDelete().deleteFile(file).commit();
        append(table, 5);
        expect(since(before), ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void aCompactionDoesNotMoveTheContent() {
        DataFile file = append(table, 10);
        long content = head(table);
        TableState before = state();
        compact(table, file);
        expect(since(before), ChangeKind.COMPACTION, false, content);
    }

    @Test
    void severalCompactionsAfterAnAppendLeaveTheContentAtTheAppend() {
        DataFile file = append(table, 10);
        TableState before = state();
        DataFile more = append(table, 5);
        long content = head(table);
        compact(table, compact(table, file, more));
        expect(since(before), ChangeKind.APPEND, true, content);
        expect(since(since(before).now()), ChangeKind.NONE, false, content);
    }

    @Test
    void anAppendBetweenCompactionsIsTheContent() {
        DataFile file = append(table, 10);
        TableState before = state();
        DataFile whole = compact(table, file);
        DataFile more = append(table, 5);
        long content = head(table);
        compact(table, whole, more);
        expect(since(before), ChangeKind.APPEND, true, content);
    }

    @Test
    void theFirstLookFindsTheContentBelowCompactions() {
        DataFile file = append(table, 10);
        long content = head(table);
        compact(table, compact(table, file));
        assertThat(state().contentSnapshotId()).isEqualTo(content);
    }

    @Test
    void aCompactionThatAppliesDeletesIsACompaction() {
        DataFile file = append(table, 10);
        table.newRowDelta().addDeletes(deletes(table, 3)).commit();
        long content = head(table);
        TableState before = state();
        table.newRewrite()
                .validateFromSnapshot(content)
                .deleteFile(file)
                .addFile(rows(table, 7))
                .commit();
        expect(since(before), ChangeKind.COMPACTION, false, content);
    }

    @Test
    void aReplaceThatLosesRowsWithoutDeletesIsContent() {
        DataFile file = append(table, 10);
        TableState before = state();
        table.newRewrite().deleteFile(file).addFile(rows(table, 7)).commit();
        expect(since(before), ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void aRewriteOfManifestsIsACompaction() {
        append(table, 10);
        append(table, 10);
        long content = head(table);
        TableState before = state();
        table.rewriteManifests().clusterBy(file -> 0).commit();
        expect(since(before), ChangeKind.COMPACTION, false, content);
    }

    @Test
    void anAppendOfNothingDoesNotMoveTheContent() {
        append(table, 10);
        long content = head(table);
        TableState before = state();
        table.newAppend().commit();
        TableChange change = since(before);
        expect(change, ChangeKind.APPEND, false, content);
        assertThat(change.differs()).isTrue();
    }

    @Test
    void aRollbackOverAnAppendIsContent() {
        append(table, 10);
        long first = head(table);
        append(table, 5);
        TableState before = state();
        table.manageSnapshots().rollbackTo(first).commit();
        TableChange change = since(before);
        expect(change, ChangeKind.CONTENT, true, first);
        assertThat(change.now().snapshotId()).isEqualTo(first);
    }

    @Test
    void aRollbackOverACompactionDoesNotMoveTheContent() {
        DataFile file = append(table, 10);
        long first = head(table);
        compact(table, file);
        TableState before = state();
        table.manageSnapshots().rollbackTo(first).commit();
        expect(since(before), ChangeKind.COMPACTION, false, first);
    }

    @Test
    void aCompactionAfterARollbackOverACompactionDoesNotMoveTheContent() {
        DataFile file = append(table, 10);
        long first = head(table);
        compact(table, file);
        TableState before = state();
        table.manageSnapshots().rollbackTo(first).commit();
        compact(table, file);
        expect(since(before), ChangeKind.COMPACTION, false, first);
    }

    @Test
    void aRollbackAndAnAppendAreContent() {
        append(table, 10);
        long first = head(table);
        append(table, 5);
        TableState before = state();
        table.manageSnapshots().rollbackTo(first).commit();
        append(table, 6);
        expect(since(before), ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void aRollbackAndBackAgainIsNoChange() {
        append(table, 10);
        long first = head(table);
        append(table, 5);
        long second = head(table);
        TableState before = state();
        table.manageSnapshots().rollbackTo(first).commit();
        table.manageSnapshots().setCurrentSnapshot(second).commit();
        assertThat(since(before).kind()).isEqualTo(ChangeKind.NONE);
    }

    @Test
    void aCherryPickMovesTheContent() {
        append(table, 10);
        TableState before = state();
        DataFile staged = rows(table, 5);
        table.newAppend().appendFile(staged).stageOnly().commit();
        append(table, 1);
        TableState between = state();
        long picked = stagedSnapshot();
        table.manageSnapshots().cherrypick(picked).commit();
        expect(since(between), ChangeKind.APPEND, true, head(table));
        expect(since(before), ChangeKind.APPEND, true, head(table));
    }

    @Test
    void aFastForwardOfMainToABranchIsWhatTheBranchDid() {
        append(table, 10);
        table.manageSnapshots().createBranch("audit").commit();
        TableState before = state();
        table.newAppend().appendFile(rows(table, 5)).toBranch("audit").commit();
        assertThat(since(before).kind()).isEqualTo(ChangeKind.NONE);
        table.refresh();
        long content = table.snapshot("audit").snapshotId();
        table.manageSnapshots().fastForwardBranch("main", "audit").commit();
        expect(since(before), ChangeKind.APPEND, true, content);
    }

    @Test
    void aBranchSetToADivergedSnapshotIsContent() {
        append(table, 10);
        table.manageSnapshots().createBranch("a").createBranch("b").commit();
        table.newAppend().appendFile(rows(table, 5)).toBranch("a").commit();
        table.newAppend().appendFile(rows(table, 6)).toBranch("b").commit();
        TableState before = state("a");
        table.refresh();
        long b = table.snapshot("b").snapshotId();
        table.manageSnapshots().replaceBranch("a", b).commit();
        expect(CommitWalk.between(lake.look(), "a", before), ChangeKind.CONTENT, true, b);
    }

    @Test
    void aTagStandsStillWhileTheTableMovesOn() {
        append(table, 10);
        table.manageSnapshots().createTag("v1", head(table)).commit();
        TableState before = state("v1");
        append(table, 5);
        table.updateSchema().addColumn("note", Types.StringType.get()).commit();
        assertThat(CommitWalk.between(lake.look(), "v1", before).kind()).isEqualTo(ChangeKind.NONE);
    }

    @Test
    void aRefThatWentIsRefNotFound() {
        append(table, 10);
        table.manageSnapshots().createBranch("audit").commit();
        TableState before = state("audit");
        table.manageSnapshots().removeBranch("audit").commit();
        assertThatThrownBy(() -> CommitWalk.between(lake.look(), "audit", before))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("REF_NOT_FOUND"));
    }

    @Test
    void anotherSchemaAtTheSameSnapshotIsASchemaChangeWithoutContent() {
        append(table, 10);
        long content = head(table);
        TableState before = state();
        table.updateSchema().renameColumn("total", "sum").commit();
        expect(since(before), ChangeKind.SCHEMA, false, content);
    }

    @Test
    void anotherSchemaOutweighsAnAppend() {
        append(table, 10);
        TableState before = state();
        table.updateSchema().addColumn("note", Types.StringType.get()).commit();
        append(table, 5);
        expect(since(before), ChangeKind.SCHEMA, true, head(table));
    }

    @Test
    void anotherSchemaAndACompactionDoNotMoveTheContent() {
        DataFile file = append(table, 10);
        long content = head(table);
        TableState before = state();
        table.updateSchema().addColumn("note", Types.StringType.get()).commit();
        compact(table, file);
        expect(since(before), ChangeKind.SCHEMA, false, content);
    }

    @Test
    void anotherTableUnderTheNameIsReplaced() {
        append(table, 10);
        TableState before = state();
        lake.writer.dropTable(LakeFixture.identifier(ORDERS), false);
        Table other = lake.create(ORDERS);
        append(other, 10);
        expect(since(before), ChangeKind.REPLACED, true, head(other));
    }

    @Test
    void createOrReplaceBeginsAnewUnderTheSameUuid() {
        append(table, 10);
        TableState before = state();
        var replacement = lake.writer.newReplaceTableTransaction(
                LakeFixture.identifier(ORDERS), LakeFixture.SCHEMA, PartitionSpec.unpartitioned(), false);
        replacement.newAppend().appendFile(rows(table, 7)).commit();
        replacement.commitTransaction();
        TableChange change = since(before);
        assertThat(change.now().uuid()).isEqualTo(before.uuid());
        expect(change, ChangeKind.REPLACED, true, head(table));
    }

    @Test
    void createOrReplaceWithoutRowsLeavesNoContent() {
        append(table, 10);
        TableState before = state();
        lake.writer
                .newReplaceTableTransaction(
                        LakeFixture.identifier(ORDERS), LakeFixture.SCHEMA, PartitionSpec.unpartitioned(), false)
                .commitTransaction();
        TableChange change = since(before);
        assertThat(change.kind()).isEqualTo(ChangeKind.REPLACED);
        assertThat(change.contentChanged()).isTrue();
        assertThat(change.now().snapshotId()).isNull();
    }

    @Test
    void anExpiredEarlierSnapshotIsStillMetThroughItsChild() {
        DataFile file = append(table, 10);
        TableState before = state();
        long content = head(table);
        compact(table, file);
        expire(content);
        expect(since(before), ChangeKind.COMPACTION, false, content);
    }

    @Test
    void anAncestryCutOffByExpiryIsUntraceable() {
        append(table, 10);
        TableState before = state();
        append(table, 5);
        long middle = head(table);
        append(table, 6);
        expire(before.snapshotId(), middle);
        TableChange change = since(before);
        expect(change, ChangeKind.UNTRACEABLE, true, head(table));
    }

    @Test
    void contentBelowAnExpiredAncestryIsStillKnown() {
        DataFile file = append(table, 10);
        long content = head(table);
        DataFile whole = compact(table, file);
        long middle = head(table);
        TableState before = state();
        compact(table, whole);
        expire(content, middle);
        expect(since(before), ChangeKind.COMPACTION, false, content);
    }

    @Test
    void aRollbackToACompactionWhoseContentExpiredDoesNotMoveTheContent() {
        DataFile file = append(table, 10);
        long content = head(table);
        DataFile whole = compact(table, file);
        long middle = head(table);
        compact(table, whole);
        TableState before = state();
        expire(content);
        table.manageSnapshots().rollbackTo(middle).commit();
        expect(since(before), ChangeKind.COMPACTION, false, content);
    }

    private void expire(@Nullable Long... ids) {
        var expiry = table.expireSnapshots().cleanupLevel(ExpireSnapshots.CleanupLevel.NONE);
        for (Long id : ids) {
            if (id != null) {
                expiry.expireSnapshotId(id);
            }
        }
        expiry.commit();
    }

    private long stagedSnapshot() {
        table.refresh();
        for (var snapshot : table.snapshots()) {
            if (table.history().stream().noneMatch(entry -> entry.snapshotId() == snapshot.snapshotId())) {
                return snapshot.snapshotId();
            }
        }
        throw new AssertionError("no staged snapshot");
    }

    private TableState state() {
        return state(null);
    }

    private TableState state(@Nullable String ref) {
        return CommitWalk.state(lake.look(), ref);
    }

    private TableChange since(TableState before) {
        return CommitWalk.between(lake.look(), before.ref(), before);
    }

    private static void expect(TableChange change, ChangeKind kind, boolean contentChanged, long content) {
        assertThat(change.kind()).isEqualTo(kind);
        assertThat(change.contentChanged()).isEqualTo(contentChanged);
        assertThat(change.now().contentSnapshotId()).isEqualTo(content);
    }
}
