package dev.firn.lake.scan;

import java.util.Map;

/// What a plan and its scan read and what they did not have to, so far.
///
/// @param filesTotal data files of the snapshot
/// @param filesRead data files that were planned
/// @param rowGroupsRead row groups streamed
/// @param bytesRead bytes fetched from data files, footers included; delete files are not counted
/// @param rowsScanned rows decoded by the stream, deleted ones included
/// @param rowsDeleted rows of these that a delete file or deletion vector hides
/// @param skipped what was left out, for the reasons that occurred
public record ScanCounts(
        long filesTotal,
        long filesRead,
        long rowGroupsRead,
        long bytesRead,
        long rowsScanned,
        long rowsDeleted,
        Map<SkipReason, Skipped> skipped) {
    public ScanCounts {
        skipped = Map.copyOf(skipped);
    }

    /// For all reasons together.
    public Skipped skippedInAll() {
        return skipped.values().stream().reduce(Skipped.NOTHING, Skipped::plus);
    }

    public Skipped skipped(SkipReason reason) {
        return skipped.getOrDefault(reason, Skipped.NOTHING);
    }
}
