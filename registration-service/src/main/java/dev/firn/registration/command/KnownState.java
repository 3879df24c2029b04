package dev.firn.registration.command;

import dev.firn.events.FeatureView;
import org.jspecify.annotations.Nullable;

/// What is known of one ref of a table.
///
/// @param snapshotId where the ref stands; null: the table has no snapshot
/// @param contentSnapshotId newest snapshot that changed what the table says; compaction does not move it
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
