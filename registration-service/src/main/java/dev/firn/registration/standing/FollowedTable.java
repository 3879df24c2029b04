package dev.firn.registration.standing;

import dev.firn.registration.command.KnownState;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A ref of a table that a standing retrieval reads itself, as its task last reported it.
///
/// @param isReported whether its task has reported it yet
/// @param state null until then, if it does not exist, or if the catalog could not be asked yet
/// @param metadataLocation the table's metadata file at that state
record FollowedTable(
        TableRef at,
        boolean isReported,
        @Nullable KnownState state,
        @Nullable String metadataLocation) {

    static FollowedTable notReported(TableRef at) {
        return new FollowedTable(at, false, null, null);
    }

    /// @param ref null for the main branch
    record TableRef(String table, @Nullable String ref) {}

    /// Whether a run is due because the rows differ from those of `before`. The first report follows the definition,
    /// which is due itself.
    ///
    /// @param readsAllColumns whether a change of the table's columns changes the result
    boolean hasMovedSince(FollowedTable before, boolean readsAllColumns) {
        KnownState was = before.state();
        if (!before.isReported()) {
            return false;
        }
        if (was == null || state == null) {
            return !Objects.equals(was, state);
        }
        return !was.tableUuid().equals(state.tableUuid())
                || !Objects.equals(was.contentSnapshotId(), state.contentSnapshotId())
                || (readsAllColumns && was.schemaId() != state.schemaId());
    }
}
