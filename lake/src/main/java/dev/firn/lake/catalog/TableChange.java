package dev.firn.lake.catalog;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a table's ref differs from an earlier look.
///
/// @param kind what happened
/// @param contentChanged whether the rows may differ: the content snapshot moved
/// @param now its state now
/// @param committedAt the commit time of its snapshot; null if it has none
public record TableChange(
        ChangeKind kind,
        boolean contentChanged,
        TableState now,
        @Nullable Instant committedAt) {
    /// Whether there is anything to publish: the table, snapshot or schema differs, forwards or backwards.
    public boolean differs() {
        return kind != ChangeKind.NONE;
    }

    public Optional<Instant> committed() {
        return Optional.ofNullable(committedAt);
    }
}
