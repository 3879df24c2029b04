package dev.firn.lake.scan;

import dev.firn.lake.LakeFaults;
import dev.firn.lake.catalog.PinnedTable;

/// Translates faults of damaged files and unavailable stores; our own faults pass through unchanged.
final class ReadFaults {
    private ReadFaults() {}

    static RuntimeException of(PinnedTable table, RuntimeException fault) {
        return of(
                table,
                "%s snapshot %s".formatted(table.pin().table(), table.pin().snapshotId()),
                fault);
    }

    /// @param where the file, and the row group if there is one
    static RuntimeException of(PinnedTable table, String where, RuntimeException fault) {
        return LakeFaults.whileReading(table.pin().table(), table.pin().snapshotId(), where, fault);
    }
}
