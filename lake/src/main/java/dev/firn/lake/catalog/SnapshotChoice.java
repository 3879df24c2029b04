package dev.firn.lake.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Which snapshot of a table is requested.
public sealed interface SnapshotChoice {
    /// The snapshot that a branch or tag points to now; null means the main branch.
    record Head(@Nullable String ref) implements SnapshotChoice {}

    /// The snapshot with this id.
    record ById(long id) implements SnapshotChoice {}

    /// The snapshot that was current on the main branch at that time, by the table's snapshot log.
    record AsOf(Instant at) implements SnapshotChoice {}

    static SnapshotChoice head() {
        return new Head(null);
    }
}
