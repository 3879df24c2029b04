package dev.firn.engine;

import org.jspecify.annotations.Nullable;

/// For each spine row, which feature times it can match, in the units of the feature's own columns. A feature row
/// is a candidate if `earliest <= ts <= latest` and, where `latestCreated` is present, `created <= latestCreated`.
///
/// Along growing `latest`, neither `latestCreated` nor `earliest` falls: they come from one instant. [SpineIndex]
/// refuses bounds that break this.
public final class TimeBounds {
    private final long[] latest;
    private final long @Nullable [] latestCreated;
    private final long[] earliest;
    private final Nulls nulls;

    /// `latestCreated` is null when created times do not filter. `earliest` is [Long#MIN_VALUE] where the past is
    /// unlimited. Null rows match nothing.
    public TimeBounds(long[] latest, long @Nullable [] latestCreated, long[] earliest, Nulls nulls) {
        if (earliest.length != latest.length || (latestCreated != null && latestCreated.length != latest.length)) {
            throw new IllegalArgumentException("bounds of %d rows differ in length".formatted(latest.length));
        }
        this.latest = latest;
        this.latestCreated = latestCreated;
        this.earliest = earliest;
        this.nulls = nulls;
    }

    public int size() {
        return latest.length;
    }

    /// Per row, the greatest feature time that is visible.
    public long[] latest() {
        return latest;
    }

    /// Per row, the greatest created time that is visible; null when created times do not filter.
    public long @Nullable [] latestCreated() {
        return latestCreated;
    }

    /// Per row, the least feature time within the TTL.
    public long[] earliest() {
        return earliest;
    }

    /// The rows that match nothing.
    public Nulls nulls() {
        return nulls;
    }
}
