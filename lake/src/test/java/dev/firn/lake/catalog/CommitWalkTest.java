package dev.firn.lake.catalog;

import static dev.firn.lake.catalog.LakeFixture.ORDERS;
import static dev.firn.lake.catalog.LakeFixture.append;
import static dev.firn.lake.catalog.LakeFixture.compact;
import static dev.firn.lake.catalog.LakeFixture.deletes;
import static dev.firn.lake.catalog.LakeFixture.expect;
import static dev.firn.lake.catalog.LakeFixture.head;
import static dev.firn.lake.catalog.LakeFixture.rows;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What commits do to a ref: appends, deletes and compactions.
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
    void anUnchangedTableHasNoChange() {
        append(table, 10);
        TableState before = lake.state(null);
        TableChange change = lake.since(before);
        assertThat(change.kind()).isEqualTo(ChangeKind.NONE);
        assertThat(change.differs()).isFalse();
        assertThat(change.now()).isEqualTo(before);
    }

    @Test
    void aTableWithoutSnapshotHasAState() {
        TableState empty = lake.state(null);
        assertThat(empty.snapshotId()).isNull();
        assertThat(empty.contentSnapshotId()).isNull();
        assertThat(lake.since(empty).kind()).isEqualTo(ChangeKind.NONE);
    }

    @Test
    void theFirstAppendIsAnAppend() {
        TableState empty = lake.state(null);
        append(table, 10);
        expect(lake.since(empty), ChangeKind.APPEND, true, head(table));
    }

    @Test
    void anAppendMovesTheContent() {
        append(table, 10);
        TableState before = lake.state(null);
        append(table, 5);
        TableChange change = lake.since(before);
        expect(change, ChangeKind.APPEND, true, head(table));
        assertThat(change.committed())
                .contains(Instant.ofEpochMilli(table.currentSnapshot().timestampMillis()));
    }

    @Test
    void aDeleteIsContent() {
        DataFile file = append(table, 10);
        append(table, 10);
        TableState before = lake.state(null);
        table.newDelete().deleteFile(file).commit();
        expect(lake.since(before), ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void aRowLevelDeleteIsContent() {
        append(table, 10);
        TableState before = lake.state(null);
        table.newRowDelta().addDeletes(deletes(table, 1)).commit();
        expect(lake.since(before), ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void anOverwriteIsContent() {
        DataFile file = append(table, 10);
        TableState before = lake.state(null);
        table.newOverwrite().deleteFile(file).addFile(rows(table, 10)).commit();
        expect(lake.since(before), ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void appendsAndDeletesTogetherAreContent() {
        DataFile file = append(table, 10);
        TableState before = lake.state(null);
        table.newDelete().deleteFile(file).commit();
        append(table, 5);
        expect(lake.since(before), ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void aCompactionDoesNotMoveTheContent() {
        DataFile file = append(table, 10);
        long content = head(table);
        TableState before = lake.state(null);
        compact(table, file);
        expect(lake.since(before), ChangeKind.COMPACTION, false, content);
    }

    @Test
    void severalCompactionsAfterAnAppendLeaveTheContentAtTheAppend() {
        DataFile file = append(table, 10);
        TableState before = lake.state(null);
        DataFile more = append(table, 5);
        long content = head(table);
        compact(table, compact(table, file, more));
        expect(lake.since(before), ChangeKind.APPEND, true, content);
        expect(lake.since(lake.since(before).now()), ChangeKind.NONE, false, content);
    }

    @Test
    void anAppendBetweenCompactionsIsTheContent() {
        DataFile file = append(table, 10);
        TableState before = lake.state(null);
        DataFile whole = compact(table, file);
        DataFile more = append(table, 5);
        long content = head(table);
        compact(table, whole, more);
        expect(lake.since(before), ChangeKind.APPEND, true, content);
    }

    @Test
    void theFirstLookFindsTheContentBelowCompactions() {
        DataFile file = append(table, 10);
        long content = head(table);
        compact(table, compact(table, file));
        assertThat(lake.state(null).contentSnapshotId()).isEqualTo(content);
    }

    @Test
    void aCompactionThatAppliesDeletesIsACompaction() {
        DataFile file = append(table, 10);
        table.newRowDelta().addDeletes(deletes(table, 3)).commit();
        long content = head(table);
        TableState before = lake.state(null);
        table.newRewrite()
                .validateFromSnapshot(content)
                .deleteFile(file)
                .addFile(rows(table, 7))
                .commit();
        expect(lake.since(before), ChangeKind.COMPACTION, false, content);
    }

    @Test
    void aReplaceThatLosesRowsWithoutDeletesIsContent() {
        DataFile file = append(table, 10);
        TableState before = lake.state(null);
        table.newRewrite().deleteFile(file).addFile(rows(table, 7)).commit();
        expect(lake.since(before), ChangeKind.CONTENT, true, head(table));
    }

    @Test
    void aRewriteOfManifestsIsACompaction() {
        append(table, 10);
        append(table, 10);
        long content = head(table);
        TableState before = lake.state(null);
        table.rewriteManifests().clusterBy(file -> 0).commit();
        expect(lake.since(before), ChangeKind.COMPACTION, false, content);
    }

    @Test
    void anAppendOfNothingDoesNotMoveTheContent() {
        append(table, 10);
        long content = head(table);
        TableState before = lake.state(null);
        table.newAppend().commit();
        TableChange change = lake.since(before);
        expect(change, ChangeKind.APPEND, false, content);
        assertThat(change.differs()).isTrue();
    }

    @Test
    void aCommitWhoseSummaryCountsNothingIsJudgedByItsManifests() {
        append(table, 10);
        TableState before = lake.state(null);
        append(table, 5);
        LakeTable uncounted = withoutCounts(lake.look());
        assertThat(uncounted.metadata().currentSnapshot().summary())
                .doesNotContainKeys("added-data-files", "added-records")
                .containsKey("total-data-files");
        TableChange change = CommitWalk.between(uncounted, null, before);
        expect(change, ChangeKind.APPEND, true, head(table));
    }

    @Test
    void aCommitOfNothingWithoutCountsDoesNotMoveTheContent() {
        append(table, 10);
        long content = head(table);
        TableState before = lake.state(null);
        table.newAppend().commit();
        expect(CommitWalk.between(withoutCounts(lake.look()), null, before), ChangeKind.APPEND, false, content);
    }

    @Test
    void aReplaceWithoutCountsIsACompaction() {
        DataFile one = append(table, 10);
        DataFile two = append(table, 5);
        long content = head(table);
        TableState before = lake.state(null);
        compact(table, one, two);
        expect(CommitWalk.between(withoutCounts(lake.look()), null, before), ChangeKind.COMPACTION, false, content);
    }

    /// The table as a writer leaves it that counts only totals.
    private static LakeTable withoutCounts(LakeTable look) {
        String json = TableMetadataParser.toJson(look.metadata())
                .replaceAll("\"(added|deleted|removed|changed)-[a-z-]+\" ?: ?\"[0-9]+\",?", "")
                .replaceAll("\"total-(?!data-files|records)[a-z-]+\" ?: ?\"[0-9]+\",?", "")
                .replaceAll("\"(engine|iceberg|app|spark|environment)[a-zA-Z.-]*\" ?: ?\"[^\"]*\",?", "")
                .replaceAll(",(\\s*})", "$1");
        TableMetadata metadata = TableMetadataParser.fromJson(look.metadataLocation(), json);
        return new LakeTable(look.name(), metadata, ((FrozenTable) look.iceberg()).at(metadata));
    }
}
