package dev.firn.cli.render;

import dev.firn.events.ChangesKind;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RunChanges;
import java.util.Optional;

/// What a run of a standing retrieval changed, in a line.
public final class ChangesText {
    private ChangesText() {}

    /// Empty if the result does not say.
    public static Optional<String> of(RetrievalResult result) {
        RunChanges changes = result.getChanges();
        if (changes == null) {
            return Optional.empty();
        }
        return Optional.of(
                changes.getKind() == ChangesKind.DELTA
                        ? "changes since %s: %,d updated, %,d added, %,d removed"
                                .formatted(
                                        changes.getSinceRequestId(),
                                        changes.getRowsUpdated(),
                                        changes.getRowsAdded(),
                                        changes.getRowsRemoved())
                        : "changes: %s, because %s".formatted(changes.getKind(), changes.getResetReason()));
    }
}
