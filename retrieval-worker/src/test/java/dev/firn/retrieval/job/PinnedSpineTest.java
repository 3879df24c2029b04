package dev.firn.retrieval.job;

import static dev.firn.retrieval.job.Given.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.Violation;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.ExpireSnapshots.CleanupLevel;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// docs/semantics.md rule 9 for a spine that is a table: the same pins give the same rows, whatever has happened to the
/// table since.
final class PinnedSpineTest {
    private static final RetrievalRequest.Builder REQUEST = request(
            Spine.newBuilder()
                    .setKind(SpineKind.TABLE)
                    .setTable("iceberg.gold.spine")
                    .build(),
            "facts:value");

    private LakeFixture lake;
    private Table spine;
    private long snapshot;

    @BeforeEach
    void open(@TempDir Path folder) {
        lake = new LakeFixture(folder);
        Table facts = lake.table("facts", "id long, event timestamptz, value int");
        lake.append(facts, "1 | 2024-01-01 | 10");
        lake.register(lake.view(facts, List.of("id"), List.of("value")));
        spine = lake.table("spine", "id long, event_timestamp timestamptz, note string");
        lake.append(spine, "1 | 2024-02-01 | a");
        snapshot = spine.currentSnapshot().snapshotId();
        spine.updateSchema().renameColumn("note", "remark").commit();
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void rule9APinnedSpineKeepsTheSchemaItWasReadWith() {
        ResultTable first = lake.retrieve(copy());
        spine.updateSchema().renameColumn("remark", "label").commit();
        lake.append(spine, "2 | 2024-02-01 | b");

        ResultTable again = lake.retrieve(copy().setPins(first.completed().pins()));
        assertThat(first.names()).contains("remark");
        assertThat(again.names()).isEqualTo(first.names());
        assertThat(again.completed().digest()).isEqualTo(first.completed().digest());
    }

    @Test
    void rule9ASpineThatWasEmptyStaysEmpty() {
        Table empty = lake.table("empty", "id long, event_timestamp timestamptz, note string");
        Spine ofEmpty = Spine.newBuilder()
                .setKind(SpineKind.TABLE)
                .setTable("iceberg.gold.empty")
                .build();
        ResultTable first = lake.retrieve(copy().setSpine(ofEmpty));
        lake.append(empty, "1 | 2024-02-01 | a");
        empty.updateSchema().renameColumn("note", "remark").commit();

        ResultTable again =
                lake.retrieve(copy().setSpine(ofEmpty).setPins(first.completed().pins()));
        assertThat(again.rows()).isEmpty();
        assertThat(again.names()).isEqualTo(first.names()).contains("note");
    }

    @Test
    void rule9APinnedSpineOutlivesItsEntryInTheCatalog() {
        ResultTable first = lake.retrieve(copy());
        expire(CleanupLevel.NONE);

        ResultTable again = lake.retrieve(copy().setPins(first.completed().pins()));
        assertThat(again.completed().digest()).isEqualTo(first.completed().digest());
    }

    @Test
    void aPinnedSpineWhoseMetadataFileIsGoneIsReadWhileTheCatalogListsIt() throws Exception {
        Pins pins = lake.retrieve(copy()).completed().pins();
        lake.append(spine, "2 | 2024-02-01 | b");
        Files.delete(Path.of(URI.create(pins.getSpineMetadataLocation())));

        assertThat(lake.retrieve(copy().setPins(pins)).rows()).hasSize(1);
    }

    @Test
    void aPinnedSpineThatExpiredIsSnapshotExpired() {
        Pins pins = lake.retrieve(copy()).completed().pins();
        expire(CleanupLevel.ALL);

        List<Violation> violations = catchThrowableOfType(
                        RetrievalRejected.class, () -> lake.retrieve(copy().setPins(pins)))
                .violations();
        assertThat(violations).extracting(Violation::getCode).containsExactly("SNAPSHOT_EXPIRED");
        assertThat(violations.getFirst().getField()).isEqualTo("spine.table");
    }

    private static RetrievalRequest.Builder copy() {
        return RetrievalRequest.newBuilder(REQUEST);
    }

    private void expire(CleanupLevel level) {
        lake.append(spine, "2 | 2024-02-01 | b");
        spine.expireSnapshots().expireSnapshotId(snapshot).cleanupLevel(level).commit();
    }
}
