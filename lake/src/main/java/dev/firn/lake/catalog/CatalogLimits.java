package dev.firn.lake.catalog;

import java.time.Duration;

/// How much of a catalog Firn uses, and for how long.
///
/// @param callTime time limit of a call to a catalog, including its retries and the wait for a permit
/// @param concurrentCalls calls to one catalog at the same time; further calls wait. A call that was given up counts
///     until it really ends
/// @param comparisonBytes of memory for all comparisons of the files of two snapshots; one that needs more is not made
/// @param metadataBytes of memory for what is kept of tables' files; 0 keeps nothing
public record CatalogLimits(Duration callTime, int concurrentCalls, long comparisonBytes, long metadataBytes) {
    public static final CatalogLimits DEFAULTS = new CatalogLimits(Duration.ofSeconds(20), 32, 96L << 20);

    /// Keeps no metadata.
    public CatalogLimits(Duration callTime, int concurrentCalls, long comparisonBytes) {
        this(callTime, concurrentCalls, comparisonBytes, 0);
    }

    public CatalogLimits {
        if (callTime.isNegative() || concurrentCalls < 1) {
            throw new IllegalArgumentException("calls need a time limit and at least 1 permit, got %s and %d"
                    .formatted(callTime, concurrentCalls));
        }
    }

    public CatalogLimits withCallTime(Duration limit) {
        return new CatalogLimits(limit, concurrentCalls, comparisonBytes, metadataBytes);
    }

    public CatalogLimits withComparisonBytes(long bytes) {
        return new CatalogLimits(callTime, concurrentCalls, bytes, metadataBytes);
    }

    public CatalogLimits withMetadataBytes(long bytes) {
        return new CatalogLimits(callTime, concurrentCalls, comparisonBytes, bytes);
    }
}
