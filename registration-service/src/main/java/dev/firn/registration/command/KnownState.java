package dev.firn.registration.command;

import dev.firn.events.FeatureView;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The last known state of one ref of a table.
///
/// @param snapshotId head of the ref; null if the table has no snapshot
/// @param contentSnapshotId the last snapshot that changed the table's content; compaction does not move it
public record KnownState(
        String tableUuid,
        @Nullable Long snapshotId,
        int schemaId,
        @Nullable Long contentSnapshotId) {

    /// The state of a ref that nobody has looked at yet. No table has this UUID.
    public static final KnownState NEVER_SEEN = new KnownState("", null, -1, null);

    /// Whether nothing was committed between the two.
    public boolean isAtSameHead(KnownState other) {
        return tableUuid.equals(other.tableUuid)
                && Objects.equals(snapshotId, other.snapshotId)
                && schemaId == other.schemaId;
    }

    public static KnownState of(FeatureView view) {
        var source = view.getSource();
        return new KnownState(
                source.getTableUuid(), source.getSnapshotId(), source.getSchemaId(), source.getContentSnapshotId());
    }
}
