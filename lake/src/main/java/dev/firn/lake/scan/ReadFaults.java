package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeException;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.CorruptParquetException;
import dev.firn.lake.parquet.ReadOutages;
import dev.firn.lake.parquet.UnreadableColumnException;

/// Translates faults of corrupt files and unavailable stores; our own faults pass through unchanged.
final class ReadFaults {
    private ReadFaults() {}

    static RuntimeException of(PinnedTable table, RuntimeException fault) {
        return of(table, table.pin().table().toString(), fault);
    }

    /// @param where the file, and the row group if there is one
    static RuntimeException of(PinnedTable table, String where, RuntimeException fault) {
        if (fault instanceof LakeException) {
            return fault;
        }
        if (fault instanceof CorruptParquetException) {
            return new LakeRejection(
                    LakeCode.FILE_UNREADABLE, "[%s] %s".formatted(where, fault.getMessage()), null, fault);
        }
        if (fault instanceof UnreadableColumnException) {
            return new LakeRejection(
                    LakeCode.UNSUPPORTED_TABLE, "[%s] %s".formatted(where, fault.getMessage()), null, fault);
        }
        return ReadOutages.isOfTheStore(fault)
                ? LakeFaults.whileReading(table.pin().table(), table.pin().snapshotId(), fault)
                : fault;
    }
}
