package dev.firn.lake.scan;

import java.util.Map;

/// What a plan and its scan have read and skipped so far.
///
/// @param filesTotal data files of the snapshot
/// @param filesRead planned data files
/// @param rowGroupsRead streamed row groups
/// @param bytesRead bytes fetched from data files, footers included; delete files are not counted
/// @param rowsScanned rows decoded by the stream, including deleted rows
/// @param rowsDeleted scanned rows that a delete file or deletion vector hides
/// @param skipped what was skipped, by reason
/// @param ignoredParts the files with statistics, indexes or filters that cannot be right and were not used, each with
///     the first of them
public record ScanCounts(
        long filesTotal,
        long filesRead,
        long rowGroupsRead,
        long bytesRead,
        long rowsScanned,
        long rowsDeleted,
        Map<SkipReason, Skipped> skipped,
        Map<String, String> ignoredParts) {
    public ScanCounts {
        skipped = Map.copyOf(skipped);
        ignoredParts = Map.copyOf(ignoredParts);
    }

    public ScanCounts withBytesRead(long bytes) {
        return new ScanCounts(
                filesTotal, filesRead, rowGroupsRead, bytes, rowsScanned, rowsDeleted, skipped, ignoredParts);
    }

    /// What was skipped for all reasons together.
    public Skipped skippedInAll() {
        return skipped.values().stream().reduce(Skipped.NOTHING, Skipped::plus);
    }

    public Skipped skipped(SkipReason reason) {
        return skipped.getOrDefault(reason, Skipped.NOTHING);
    }
}
