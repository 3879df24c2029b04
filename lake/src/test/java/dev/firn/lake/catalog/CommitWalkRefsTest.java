package dev.firn.lake.catalog;

import static dev.firn.lake.catalog.LakeFixture.ORDERS;
import static dev.firn.lake.catalog.LakeFixture.append;
import static dev.firn.lake.catalog.LakeFixture.compact;
import static dev.firn.lake.catalog.LakeFixture.expect;
import static dev.firn.lake.catalog.LakeFixture.head;
import static dev.firn.lake.catalog.LakeFixture.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeRejection;
import java.nio.file.Path;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Refs that move: rollbacks, cherry-picks, branches and tags.
final class CommitWalkRefsTest {
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
    void aRollbackOverAnAppendIsContent() {
        append(table, 10);
        long first = head(table);
        append(table, 5);
        TableState before = lake.state(null);
        table.manageSnapshots().rollbackTo(first).commit();
        TableChange change = lake.since(before);
        expect(change, ChangeKind.CONTENT, true, first);
        assertThat(change.now().snapshotId()).isEqualTo(first);
    }

    @Test
    void aRollbackOverACompactionDoesNotMoveTheContent() {
        DataFile file = append(table, 10);
        long first = head(table);
        compact(table, file);
        TableState before = lake.state(null);
        table.manageSnapshots().rollbackTo(first).commit();
        expect(lake.since(before), ChangeKind.COMPACTION, false, first);
    }

    @Test
    void aCompactionAfterARollbackOverACompactionDoesNotMoveTheContent() {
        DataFile file = append(table, 10);
        long first = head(table);
        compact(table, file);
        TableState before = lake.state(null);
        table.manageSnapshots().rollbackTo(first).commit();
        compact(table, file);
        expect(lake.since(before), ChangeKind.COMPACTION, false, first);
    }

    @Test
    void aRollbackAndAnAppendAreContent() {
        append(table, 10);
        long first = head(table);
        append(table, 5);
        TableState before = lake.state(null);
        table.manageSnapshots().rollbackTo(first).commit();
        append(table, 6);
        expect(lake.since(before), ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void aRollbackThatIsUndoneIsNotAChange() {
        append(table, 10);
        long first = head(table);
        append(table, 5);
        long second = head(table);
        TableState before = lake.state(null);
        table.manageSnapshots().rollbackTo(first).commit();
        table.manageSnapshots().setCurrentSnapshot(second).commit();
        assertThat(lake.since(before).kind()).isEqualTo(ChangeKind.NONE);
    }

    @Test
    void aCherryPickMovesTheContent() {
        append(table, 10);
        TableState before = lake.state(null);
        DataFile staged = rows(table, 5);
        table.newAppend().appendFile(staged).stageOnly().commit();
        append(table, 1);
        TableState between = lake.state(null);
        long picked = stagedSnapshot();
        table.manageSnapshots().cherrypick(picked).commit();
        expect(lake.since(between), ChangeKind.APPEND, true, head(table));
        expect(lake.since(before), ChangeKind.APPEND, true, head(table));
    }

    @Test
    void aFastForwardOfMainToABranchIsWhatTheBranchDid() {
        append(table, 10);
        table.manageSnapshots().createBranch("audit").commit();
        TableState before = lake.state(null);
        table.newAppend().appendFile(rows(table, 5)).toBranch("audit").commit();
        assertThat(lake.since(before).kind()).isEqualTo(ChangeKind.NONE);
        table.refresh();
        long content = table.snapshot("audit").snapshotId();
        table.manageSnapshots().fastForwardBranch("main", "audit").commit();
        expect(lake.since(before), ChangeKind.APPEND, true, content);
    }

    @Test
    void aBranchSetToADivergedSnapshotIsContent() {
        append(table, 10);
        table.manageSnapshots().createBranch("a").createBranch("b").commit();
        table.newAppend().appendFile(rows(table, 5)).toBranch("a").commit();
        table.newAppend().appendFile(rows(table, 6)).toBranch("b").commit();
        TableState before = lake.state("a");
        table.refresh();
        long b = table.snapshot("b").snapshotId();
        table.manageSnapshots().replaceBranch("a", b).commit();
        expect(CommitWalk.between(lake.look(), "a", before), ChangeKind.CONTENT, true, b);
    }

    @Test
    void aTagStaysWhileTheTableMovesOn() {
        append(table, 10);
        table.manageSnapshots().createTag("v1", head(table)).commit();
        TableState before = lake.state("v1");
        append(table, 5);
        table.updateSchema().addColumn("note", Types.StringType.get()).commit();
        assertThat(CommitWalk.between(lake.look(), "v1", before).kind()).isEqualTo(ChangeKind.NONE);
    }

    @Test
    void aRemovedRefIsRefNotFound() {
        append(table, 10);
        table.manageSnapshots().createBranch("audit").commit();
        TableState before = lake.state("audit");
        table.manageSnapshots().removeBranch("audit").commit();
        assertThatThrownBy(() -> CommitWalk.between(lake.look(), "audit", before))
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo("REF_NOT_FOUND"));
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
}
