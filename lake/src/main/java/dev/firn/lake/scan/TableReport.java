package dev.firn.lake.scan;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What Firn thinks of an Iceberg table at a snapshot.
///
/// @param snapshot null if the table has none
/// @param partitionSpec the current one; `unpartitioned` if there is none
/// @param dataFiles data files of the snapshot
/// @param deleteFiles delete files of the snapshot
/// @param filesToRead data files that might have rows that the request looks for
/// @param lookup what a read for them skips: files of the snapshot, and parts of the inspected ones
/// @param files a sample of the files to read
public record TableReport(
        String table,
        String location,
        int formatVersion,
        @Nullable Snapshot snapshot,
        String partitionSpec,
        List<Column> columns,
        long dataFiles,
        long deleteFiles,
        long filesToRead,
        Map<SkipReason, Skipped> lookup,
        List<FileReport> files,
        List<FileReport.Refusal> refused) {
    public TableReport {
        columns = List.copyOf(columns);
        lookup = Map.copyOf(lookup);
        files = List.copyOf(files);
        refused = List.copyOf(refused);
    }

    /// @param summary as its writer left it
    public record Snapshot(long id, long timestampMillis, String operation, Map<String, String> summary) {}

    /// A column of the snapshot's schema.
    public record Column(int id, String name, String type) {}
}
