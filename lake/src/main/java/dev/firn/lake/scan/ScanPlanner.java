package dev.firn.lake.scan;

import dev.firn.lake.catalog.PinnedTable;

/// Decides what to read of a pinned table.
public final class ScanPlanner {
    /// Fails with a [dev.firn.lake.LakeRejection] for a table that cannot be read exactly: `UNSUPPORTED_TABLE` for data
    /// files that are not Parquet, are encrypted, or are listed twice.
    public ScanPlan plan(PinnedTable table, FeatureColumns columns, ScanBounds bounds) {
        throw new UnsupportedOperationException(table.pin().toString() + columns + bounds);
    }
}
