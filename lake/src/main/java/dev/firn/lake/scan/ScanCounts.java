package dev.firn.lake.scan;

/// What a plan and its scan read and what they did not have to, so far.
///
/// @param filesTotal data files of the snapshot
/// @param filesRead data files that were planned
/// @param filesSkipped data files that partitions or file bounds ruled out
/// @param rowGroupsRead row groups streamed
/// @param rowGroupsSkipped row groups of planned files that statistics ruled out
/// @param bytesRead bytes fetched from data files, footers included; delete files are not counted
/// @param bytesSkipped bytes of data files and row groups ruled out (a manifest that is skipped as a whole names none)
/// @param rowsScanned rows decoded by the stream, deleted ones included
/// @param rowsDeleted rows of these that a delete file or deletion vector hides
public record ScanCounts(
        long filesTotal,
        long filesRead,
        long filesSkipped,
        long rowGroupsRead,
        long rowGroupsSkipped,
        long bytesRead,
        long bytesSkipped,
        long rowsScanned,
        long rowsDeleted) {}
