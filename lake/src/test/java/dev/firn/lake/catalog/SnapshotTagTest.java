package dev.firn.lake.catalog;

import static dev.firn.lake.catalog.LakeFixture.ORDERS;
import static dev.firn.lake.catalog.LakeFixture.append;
import static dev.firn.lake.catalog.LakeFixture.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeRejection;
import java.nio.file.Path;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Retains snapshots with tags, or rejects with a code.
final class SnapshotTagTest {
    private LakeFixture lake;
    private Table table;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        table = lake.create(ORDERS);
        append(table, 10);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void tagsThePinnedSnapshotOnce() {
        SnapshotPin pin = pin();
        append(table, 5);
        tag(pin, "kept");
        String metadata = lake.look().metadataLocation();
        tag(pin, "kept");

        table.refresh();
        assertThat(table.refs())
                .hasEntrySatisfying("kept", ref -> assertThat(ref.snapshotId()).isEqualTo(pin.snapshotId()));
        assertThat(lake.look().metadataLocation()).isEqualTo(metadata);
    }

    @Test
    void aCatalogWhoseSnapshotsMayNotBeRetainedIsRetainNotAllowed() {
        SnapshotPin pin = pin();
        assertRejected("RETAIN_NOT_ALLOWED", () -> lake.catalogs.retain(pin, "kept", null));
        table.refresh();
        assertThat(table.refs()).doesNotContainKey("kept");
    }

    @Test
    void aTagThatPointsElsewhereIsRetainRefused() {
        table.manageSnapshots().createTag("kept", head(table)).commit();
        append(table, 5);
        SnapshotPin pin = pin();
        assertRejected("RETAIN_REFUSED", () -> tag(pin, "kept"));
    }

    @Test
    void aBranchOfThatNameIsRetainRefused() {
        SnapshotPin pin = pin();
        table.manageSnapshots().createBranch("kept").commit();
        assertRejected("RETAIN_REFUSED", () -> tag(pin, "kept"));
    }

    @Test
    void anExpiredSnapshotCannotBeRetained() {
        SnapshotPin pin = pin();
        long expired = head(table);
        append(table, 5);
        table.expireSnapshots()
                .expireSnapshotId(expired)
                .cleanupLevel(ExpireSnapshots.CleanupLevel.NONE)
                .commit();
        assertRejected("SNAPSHOT_EXPIRED", () -> tag(pin, "kept"));
    }

    @Test
    void aSnapshotOfAReplacedTableCannotBeRetained() {
        SnapshotPin pin = pin();
        lake.writer.dropTable(LakeFixture.identifier(ORDERS), false);
        append(lake.create(ORDERS), 10);
        assertRejected("TABLE_REPLACED", () -> tag(pin, "kept"));
    }

    private SnapshotPin pin() {
        return lake.look().pin(SnapshotChoice.head());
    }

    private void tag(SnapshotPin pin, String name) {
        new SnapshotTag(pin, name, null).put(lake.writer.loadTable(LakeFixture.identifier(ORDERS)));
    }

    private static void assertRejected(String code, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining("iceberg.gold.orders");
    }
}
