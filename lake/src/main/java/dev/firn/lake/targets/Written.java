package dev.firn.lake.targets;

import java.util.Optional;

/// How the table stands to a run.
public sealed interface Written {
    /// The run was committed.
    ///
    /// @param snapshotId empty if the snapshot has expired, or the table was rolled back
    record Committed(Optional<Long> snapshotId) implements Written {}

    /// A later run is in the table, so this one is left out.
    ///
    /// @param by the request id of the later run
    record Superseded(String by) implements Written {}
}
