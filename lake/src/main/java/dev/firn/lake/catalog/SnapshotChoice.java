package dev.firn.lake.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Which snapshot of a table somebody asks for.
public sealed interface SnapshotChoice {
    /// Where a branch or tag stands now; null is the main branch.
    record Head(@Nullable String ref) implements SnapshotChoice {}

    /// That snapshot.
    record ById(long id) implements SnapshotChoice {}

    /// The snapshot that was current on the main branch at that time, by the table's snapshot log.
    record AsOf(Instant at) implements SnapshotChoice {}

    static SnapshotChoice head() {
        return new Head(null);
    }
}
