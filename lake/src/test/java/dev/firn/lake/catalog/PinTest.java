package dev.firn.lake.catalog;

import static dev.firn.lake.catalog.LakeFixture.ORDERS;
import static dev.firn.lake.catalog.LakeFixture.append;
import static dev.firn.lake.catalog.LakeFixture.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeRejection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import org.apache.iceberg.ExpireSnapshots.CleanupLevel;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PinTest {
    private Path folder;
    private LakeFixture lake;
    private Table table;

    @BeforeEach
    void open(@TempDir Path folder) {
        this.folder = folder;
        lake = new LakeFixture(folder);
        table = lake.create(ORDERS);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void rule15ATableWithoutSnapshotPinsAndOpens() {
        SnapshotPin pin = lake.look().pin(SnapshotChoice.head());
        assertThat(pin.snapshotId()).isNull();
        PinnedTable pinned = lake.catalogs.open(pin);
        assertThat(pinned.schema().columns()).hasSize(3);
        assertThat(pinned.iceberg().currentSnapshot()).isNull();
    }

    @Test
    void rule13AHeadReadsTheTablesCurrentSchema() {
        append(table, 10);
        table.updateSchema().addColumn("note", Types.StringType.get()).commit();
        SnapshotPin pin = lake.look().pin(SnapshotChoice.head());
        assertThat(pin.snapshotId()).isEqualTo(head(table));
        assertThat(lake.catalogs.open(pin).schema().findField("note")).isNotNull();
    }

    @Test
    void rule13ABranchReadsTheTablesCurrentSchema() {
        append(table, 10);
        table.manageSnapshots().createBranch("audit").commit();
        table.updateSchema().addColumn("note", Types.StringType.get()).commit();
        SnapshotPin pin = lake.look().pin(new SnapshotChoice.Head("audit"));
        assertThat(lake.catalogs.open(pin).schema().findField("note")).isNotNull();
        assertThat(lake.look().schema("audit").findField("note")).isNotNull();
    }

    @Test
    void rule13ATagReadsItsSnapshotsOwnSchema() {
        append(table, 10);
        table.manageSnapshots().createTag("v1", head(table)).commit();
        table.updateSchema().renameColumn("total", "sum").commit();
        SnapshotPin pin = lake.look().pin(new SnapshotChoice.Head("v1"));
        assertThat(lake.catalogs.open(pin).schema().findField("total")).isNotNull();
        assertThat(lake.look().schema("v1").findField("total")).isNotNull();
    }

    @Test
    void rule13AnOlderSnapshotReadsItsOwnSchema() {
        append(table, 10);
        long older = head(table);
        table.updateSchema().deleteColumn("total").commit();
        append(table, 5);
        SnapshotPin pin = lake.look().pin(new SnapshotChoice.ById(older));
        assertThat(pin.snapshotId()).isEqualTo(older);
        assertThat(lake.catalogs.open(pin).schema().findField("total")).isNotNull();
    }

    @Test
    void aTimeNamesTheSnapshotThatWasCurrentThen() {
        append(table, 10);
        long first = head(table);
        Instant then = Instant.ofEpochMilli(table.currentSnapshot().timestampMillis());
        append(table, 5);
        assertThat(lake.look()
                        .pin(new SnapshotChoice.AsOf(then.plusNanos(999_999)))
                        .snapshotId())
                .isEqualTo(first);
        assertThat(lake.look()
                        .pin(new SnapshotChoice.AsOf(then.plusSeconds(3600)))
                        .snapshotId())
                .isEqualTo(head(table));
        assertThatThrownBy(() -> lake.look().pin(new SnapshotChoice.AsOf(then.minusMillis(1))))
                .satisfies(e -> code(e, "SNAPSHOT_NOT_FOUND"));
    }

    @Test
    void aTimeFollowsTheLogThroughARollback() {
        append(table, 10);
        long first = head(table);
        append(table, 5);
        table.manageSnapshots().rollbackTo(first).commit();
        assertThat(lake.look()
                        .pin(new SnapshotChoice.AsOf(Instant.now().plusSeconds(60)))
                        .snapshotId())
                .isEqualTo(first);
    }

    @Test
    void aTimeBeforeExpiredHistoryIsSnapshotExpired() {
        append(table, 10);
        long first = head(table);
        Instant then = Instant.ofEpochMilli(table.currentSnapshot().timestampMillis());
        append(table, 5);
        expire(first);
        assertThatThrownBy(() -> lake.look().pin(new SnapshotChoice.AsOf(then)))
                .satisfies(e -> code(e, "SNAPSHOT_EXPIRED"));
    }

    @Test
    void aTimeOfATableWithoutSnapshotsIsSnapshotNotFound() {
        assertThatThrownBy(() -> lake.look().pin(new SnapshotChoice.AsOf(Instant.now())))
                .satisfies(e -> code(e, "SNAPSHOT_NOT_FOUND"));
    }

    @Test
    void anUnknownSnapshotIsNotFoundAnExpiredOneExpired() {
        append(table, 10);
        long first = head(table);
        append(table, 5);
        expire(first);
        assertThatThrownBy(() -> lake.look().pin(new SnapshotChoice.ById(first)))
                .satisfies(e -> code(e, "SNAPSHOT_EXPIRED"));
        assertThatThrownBy(() -> lake.look().pin(new SnapshotChoice.ById(42)))
                .satisfies(e -> code(e, "SNAPSHOT_NOT_FOUND"))
                .hasMessageContaining("iceberg.gold.orders")
                .hasMessageContaining("42");
    }

    @Test
    void anUnknownRefIsNotFoundAndTheNearestIsOffered() {
        append(table, 10);
        table.manageSnapshots().createBranch("audit").commit();
        assertThatThrownBy(() -> lake.look().pin(new SnapshotChoice.Head("audti")))
                .isInstanceOfSatisfying(LakeRejection.class, e -> {
                    assertThat(e.code()).isEqualTo("REF_NOT_FOUND");
                    assertThat(e.suggestion()).contains("audit");
                });
    }

    @Test
    void rule9APinReadsTheSameAfterMoreCommits() {
        append(table, 10);
        SnapshotPin pin = lake.look().pin(SnapshotChoice.head());
        table.updateSchema().deleteColumn("total").commit();
        append(table, 5);
        PinnedTable pinned = lake.catalogs.open(pin);
        assertThat(pinned.pin()).isEqualTo(pin);
        assertThat(pinned.schema().findField("total")).isNotNull();
        assertThat(pinned.iceberg().snapshot(id(pin)).summary()).containsEntry("total-records", "10");
    }

    @Test
    void aPinOutlivesItsEntryInTheCatalogThroughItsMetadataFile() {
        append(table, 10);
        SnapshotPin pin = lake.look().pin(SnapshotChoice.head());
        append(table, 5);
        table.expireSnapshots()
                .expireSnapshotId(id(pin))
                .cleanupLevel(CleanupLevel.NONE)
                .commit();
        PinnedTable pinned = lake.catalogs.open(pin);
        assertThat(pinned.iceberg().snapshot(id(pin)).summary()).containsEntry("total-records", "10");
    }

    @Test
    void aPinWhoseFilesAreGoneIsSnapshotExpired() {
        append(table, 10);
        SnapshotPin pin = lake.look().pin(SnapshotChoice.head());
        append(table, 5);
        table.expireSnapshots().expireSnapshotId(id(pin)).commit();
        assertThatThrownBy(() -> lake.catalogs.open(pin)).satisfies(e -> code(e, "SNAPSHOT_EXPIRED"));
    }

    @Test
    void aPinWhoseMetadataFileIsGoneIsSnapshotExpired() throws Exception {
        append(table, 10);
        SnapshotPin pin = lake.look().pin(SnapshotChoice.head());
        append(table, 5);
        expire(id(pin));
        Files.delete(Path.of(URI.create(pin.metadataLocation())));
        assertThatThrownBy(() -> lake.catalogs.open(pin)).satisfies(e -> code(e, "SNAPSHOT_EXPIRED"));
    }

    @Test
    void aPinOfAReplacedTableIsTableReplaced() {
        append(table, 10);
        SnapshotPin pin = lake.look().pin(SnapshotChoice.head());
        lake.writer.dropTable(LakeFixture.identifier(ORDERS), false);
        lake.create(ORDERS);
        assertThatThrownBy(() -> lake.catalogs.open(pin)).satisfies(e -> code(e, "TABLE_REPLACED"));
    }

    @Test
    void aPinCannotMakeFirnReadFilesOutsideTheTable() {
        append(table, 10);
        String elsewhere = folder.resolve("elsewhere/v1.metadata.json").toString();
        for (String file : new String[] {
            "/etc/passwd", "s3://lake/secret.metadata.json", elsewhere, table.location() + "/data/x.parquet"
        }) {
            SnapshotPin pin = new SnapshotPin(ORDERS, lake.look().uuid(), 42L, 0, file);
            assertThatThrownBy(() -> lake.catalogs.open(pin)).satisfies(e -> code(e, "LOCATION_NOT_ALLOWED"));
        }
        SnapshotPin climbing =
                new SnapshotPin(ORDERS, lake.look().uuid(), 42L, 0, table.location() + "/../x.metadata.json");
        assertThatThrownBy(() -> lake.catalogs.open(climbing)).satisfies(e -> code(e, "LOCATION_INVALID"));
    }

    @Test
    void aPinIntoAnotherTablesMetadataIsRefused() {
        append(table, 10);
        String planted = table.location() + "/metadata/planted.metadata.json";
        TableMetadata foreign = TableMetadata.buildFrom(lake.look().metadata())
                .assignUUID("00000000-0000-0000-0000-000000000001")
                .discardChanges()
                .build();
        TableMetadataParser.write(foreign, table.io().newOutputFile(planted));
        SnapshotPin pin = new SnapshotPin(ORDERS, lake.look().uuid(), 42L, 0, planted);
        assertThatThrownBy(() -> lake.catalogs.open(pin))
                .satisfies(e -> code(e, "SNAPSHOT_NOT_FOUND"))
                .hasMessageContaining("another table");
    }

    @Test
    void aPinWhoseMetadataDoesNotListTheSnapshotIsNotFound() {
        append(table, 10);
        LakeTable now = lake.look();
        SnapshotPin pin = new SnapshotPin(ORDERS, now.uuid(), 42L, 0, now.metadataLocation());
        assertThatThrownBy(() -> lake.catalogs.open(now, pin)).satisfies(e -> code(e, "SNAPSHOT_NOT_FOUND"));
    }

    @Test
    void aPinnedTableNeverChanges() {
        append(table, 10);
        PinnedTable pinned = lake.catalogs.open(lake.look().pin(SnapshotChoice.head()));
        append(table, 5);
        pinned.iceberg().refresh();
        assertThat(pinned.iceberg().currentSnapshot().summary()).containsEntry("total-records", "10");
        assertThatThrownBy(
                        () -> pinned.iceberg().updateProperties().set("a", "b").commit())
                .isInstanceOf(UnsupportedOperationException.class);
    }

    private void expire(long snapshot) {
        table.expireSnapshots()
                .expireSnapshotId(snapshot)
                .cleanupLevel(CleanupLevel.NONE)
                .commit();
    }

    private static long id(SnapshotPin pin) {
        return Objects.requireNonNull(pin.snapshotId());
    }

    private static void code(Throwable fault, String code) {
        assertThat(fault)
                .isInstanceOfSatisfying(
                        LakeRejection.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
