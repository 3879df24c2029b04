package dev.firn.engine;

import org.jspecify.annotations.Nullable;

/// For each spine row, the feature times it can match, in the units of the feature's own columns. A feature row is a
/// candidate if `earliest <= timestamp <= latest` and, if created times filter, `created <= latestCreated`.
///
/// All bounds of a row come from one instant, so when `latest` increases, `latestCreated` and `earliest` never
/// decrease. [SpineIndex] rejects bounds whose `latestCreated` breaks this.
public final class TimeBounds {
    private final long[] latest;
    private final long @Nullable [] latestCreated;
    private final long[] earliest;
    private final Nulls nulls;

    /// `latestCreated` is null if created times do not filter. `earliest` is [Long#MIN_VALUE] if there is no TTL. Null
    /// rows match nothing.
    public TimeBounds(long[] latest, long @Nullable [] latestCreated, long[] earliest, Nulls nulls) {
        if (earliest.length != latest.length || (latestCreated != null && latestCreated.length != latest.length)) {
            throw new IllegalArgumentException(
                    "bounds must have the same length, got %d latest, %d earliest and %s latestCreated"
                            .formatted(
                                    latest.length,
                                    earliest.length,
                                    latestCreated == null ? "no" : latestCreated.length));
        }
        this.latest = latest;
        this.latestCreated = latestCreated;
        this.earliest = earliest;
        this.nulls = nulls;
    }

    public int size() {
        return latest.length;
    }

    /// For each row, the latest visible feature time.
    public long[] latest() {
        return latest;
    }

    /// For each row, the latest visible created time. Null if created times do not filter.
    public long @Nullable [] latestCreated() {
        return latestCreated;
    }

    /// For each row, the earliest feature time within the TTL.
    public long[] earliest() {
        return earliest;
    }

    /// The rows that match nothing.
    public Nulls nulls() {
        return nulls;
    }
}
