package dev.firn.registration.command;

import dev.firn.events.FeatureView;
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

    public static KnownState of(FeatureView view) {
        var source = view.getSource();
        return new KnownState(
                source.getTableUuid(), source.getSnapshotId(), source.getSchemaId(), source.getContentSnapshotId());
    }
}
