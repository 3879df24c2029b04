package dev.firn.retrieval.job;

import dev.firn.events.ViewPin;
import dev.firn.lake.catalog.SnapshotChoice;

/// Which snapshot of its table a view is read at.
sealed interface ReadPoint {
    /// A snapshot that is chosen now.
    record AtChoice(SnapshotChoice choice) implements ReadPoint {}

    /// The snapshot that an earlier retrieval fixed.
    record AtPin(ViewPin pin) implements ReadPoint {}
}
