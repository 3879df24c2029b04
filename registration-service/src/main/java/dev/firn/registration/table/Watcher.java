package dev.firn.registration.table;

import dev.firn.registration.command.KnownState;
import org.jspecify.annotations.Nullable;

/// Somebody who reads a ref of a table, and what it knows of it.
///
/// @param known the state that it was told or, for a view, that its record has; [KnownState#NEVER_SEEN] before that
/// @param missing whether it was told that the table or ref does not exist, or cannot be looked at yet
public record Watcher(@Nullable String ref, KnownState known, boolean missing) {
    /// Whether it has been told nothing at all.
    boolean isNew() {
        return !missing && known.equals(KnownState.NEVER_SEEN);
    }
}
