package dev.firn.lake.columns;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A column's file as this process knows it, mapped from its first use on. Thread-safe.
final class KeptColumn {
    private static final Duration USES_NOTED_EVERY = Duration.ofMinutes(1);

    private final long bytes;
    private volatile Instant lastUsed;
    private volatile Instant noted;
    private @Nullable StoredColumn column;
    private boolean gone;

    KeptColumn(long bytes, Instant lastUsed) {
        this.bytes = bytes;
        this.lastUsed = lastUsed;
        this.noted = lastUsed;
    }

    long bytes() {
        return bytes;
    }

    Instant lastUsed() {
        return lastUsed;
    }

    /// Another process may have used it.
    void usedElsewhere(Instant when) {
        if (lastUsed.isBefore(when)) {
            lastUsed = when;
        }
    }

    /// Returns whether the use should be noted in the folder.
    boolean used(Instant now) {
        lastUsed = now;
        if (!noted.plus(USES_NOTED_EVERY).isBefore(now)) {
            return false;
        }
        noted = now;
        return true;
    }

    /// The column, held for the caller; null if it has gone.
    synchronized @Nullable StoredColumn held(Path path, ColumnKey key) throws IOException, DamagedColumnException {
        if (gone) {
            return null;
        }
        StoredColumn open = column;
        if (open == null) {
            open = StoredColumn.open(path, key);
            column = open;
        }
        return open.hold() ? open : null;
    }

    synchronized boolean isOf(StoredColumn other) {
        return column == other;
    }

    /// Ends the hold of the cache. Readers keep theirs.
    synchronized void leave() {
        gone = true;
        if (column != null) {
            column.release();
            column = null;
        }
    }
}
