package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;

/// Translates faults of damaged files and unavailable stores; our own faults pass through unchanged. What was kept of
/// the table's files is forgotten if one of them was damaged or gone, so that the next try asks the store.
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
        RuntimeException told =
                LakeFaults.whileReading(table.pin().table(), table.pin().snapshotId(), where, fault);
        if (told instanceof LakeRejection rejection && isOfFiles(rejection.lakeCode())) {
            table.forgetFiles();
        }
        return told;
    }

    private static boolean isOfFiles(LakeCode code) {
        return code == LakeCode.FILE_UNREADABLE
                || code == LakeCode.SNAPSHOT_EXPIRED
                || code == LakeCode.UNSUPPORTED_TABLE;
    }
}
