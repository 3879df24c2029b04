package dev.firn.lake.catalog;

import static dev.firn.lake.catalog.LakeFixture.ORDERS;
import static dev.firn.lake.catalog.LakeFixture.append;
import static dev.firn.lake.catalog.LakeFixture.compact;
import static dev.firn.lake.catalog.LakeFixture.expect;
import static dev.firn.lake.catalog.LakeFixture.head;
import static dev.firn.lake.catalog.LakeFixture.rows;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
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

/// Schemas that change, tables that are replaced, and snapshots that expire.
final class CommitWalkHistoryTest {
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
    void anotherSchemaAtTheSameSnapshotIsASchemaChangeWithoutContent() {
        append(table, 10);
        long content = head(table);
        TableState before = lake.state(null);
        table.updateSchema().renameColumn("total", "sum").commit();
        expect(lake.since(before), ChangeKind.SCHEMA, false, content);
    }

    @Test
    void anotherSchemaOutweighsAnAppend() {
        append(table, 10);
        TableState before = lake.state(null);
        table.updateSchema().addColumn("note", Types.StringType.get()).commit();
        append(table, 5);
        expect(lake.since(before), ChangeKind.SCHEMA, true, head(table));
    }

    @Test
    void anotherSchemaAndACompactionDoNotMoveTheContent() {
        DataFile file = append(table, 10);
        long content = head(table);
        TableState before = lake.state(null);
        table.updateSchema().addColumn("note", Types.StringType.get()).commit();
        compact(table, file);
        expect(lake.since(before), ChangeKind.SCHEMA, false, content);
    }

    @Test
    void anotherTableUnderTheNameIsReplaced() {
        append(table, 10);
        TableState before = lake.state(null);
        lake.writer.dropTable(LakeFixture.identifier(ORDERS), false);
        Table other = lake.create(ORDERS);
        append(other, 10);
        expect(lake.since(before), ChangeKind.REPLACED, true, head(other));
    }

    @Test
    void createOrReplaceStartsOverUnderTheSameUuid() {
        append(table, 10);
        TableState before = lake.state(null);
        var replacement = lake.writer.newReplaceTableTransaction(
                LakeFixture.identifier(ORDERS), LakeFixture.SCHEMA, PartitionSpec.unpartitioned(), false);
        replacement.newAppend().appendFile(rows(table, 7)).commit();
        replacement.commitTransaction();
        TableChange change = lake.since(before);
        assertThat(change.now().uuid()).isEqualTo(before.uuid());
        expect(change, ChangeKind.REPLACED, true, head(table));
    }

    @Test
    void createOrReplaceWithoutRowsLeavesNoContent() {
        append(table, 10);
        TableState before = lake.state(null);
        lake.writer
                .newReplaceTableTransaction(
                        LakeFixture.identifier(ORDERS), LakeFixture.SCHEMA, PartitionSpec.unpartitioned(), false)
                .commitTransaction();
        TableChange change = lake.since(before);
        assertThat(change.kind()).isEqualTo(ChangeKind.REPLACED);
        assertThat(change.contentChanged()).isTrue();
        assertThat(change.now().snapshotId()).isNull();
    }

    @Test
    void anExpiredEarlierSnapshotIsStillMetThroughItsChild() {
        DataFile file = append(table, 10);
        TableState before = lake.state(null);
        long content = head(table);
        compact(table, file);
        expire(content);
        expect(lake.since(before), ChangeKind.COMPACTION, false, content);
    }

    @Test
    void anAncestryCutOffByExpiryIsUntraceable() {
        append(table, 10);
        TableState before = lake.state(null);
        append(table, 5);
        long middle = head(table);
        append(table, 6);
        expire(before.snapshotId(), middle);
        TableChange change = lake.since(before);
        expect(change, ChangeKind.UNTRACEABLE, true, head(table));
    }

    @Test
    void contentBelowAnExpiredAncestryIsStillKnown() {
        DataFile file = append(table, 10);
        long content = head(table);
        DataFile whole = compact(table, file);
        long middle = head(table);
        TableState before = lake.state(null);
        compact(table, whole);
        expire(content, middle);
        expect(lake.since(before), ChangeKind.COMPACTION, false, content);
    }

    @Test
    void aRollbackToACompactionWhoseContentExpiredDoesNotMoveTheContent() {
        DataFile file = append(table, 10);
        long content = head(table);
        DataFile whole = compact(table, file);
        long middle = head(table);
        compact(table, whole);
        TableState before = lake.state(null);
        expire(content);
        table.manageSnapshots().rollbackTo(middle).commit();
        expect(lake.since(before), ChangeKind.COMPACTION, false, content);
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
}
