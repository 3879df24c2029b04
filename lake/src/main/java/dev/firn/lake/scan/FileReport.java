package dev.firn.lake.scan;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/// What Firn thinks of a Parquet file.
///
/// @param bytes size of the file
/// @param writer who wrote it, as the footer says; empty if it does not
/// @param formatVersion version number in the footer
/// @param distrusted parts that are optional and cannot be right, and why; reads do without them
/// @param refused columns that cannot be read
/// @param lookup what a read for the requested rows skips; reads everything if none are requested
public record FileReport(
        String location,
        long bytes,
        String writer,
        int formatVersion,
        List<RowGroup> rowGroups,
        List<Column> columns,
        List<String> distrusted,
        List<Refusal> refused,
        Map<SkipReason, Skipped> lookup) {
    public FileReport {
        rowGroups = List.copyOf(rowGroups);
        columns = List.copyOf(columns);
        distrusted = List.copyOf(distrusted);
        refused = List.copyOf(refused);
        lookup = Map.copyOf(lookup);
    }

    /// @param bytes compressed
    /// @param rowsToRead rows that might match the request
    public record RowGroup(long rows, long bytes, long rowsToRead) {}

    /// A leaf column, over all row groups.
    ///
    /// @param path names from the outermost, joined by dots
    /// @param type as the file stores it
    /// @param bytes compressed
    /// @param nulls number of nulls; -1 if the statistics do not say
    /// @param parts which optional parts it has, by the number of row groups that have them
    public record Column(
            String path,
            String type,
            SortedSet<String> encodings,
            SortedSet<String> codecs,
            long bytes,
            long unpackedBytes,
            long nulls,
            Map<Part, Integer> parts) {}

    /// Optional parts of a column chunk.
    public enum Part {
        STATISTICS,
        COLUMN_INDEX,
        OFFSET_INDEX,
        BLOOM_FILTER,
        DICTIONARY
    }

    /// @param code what a request that needs the column is answered with
    public record Refusal(String column, String code, String message) {}

    public long rows() {
        return rowGroups.stream().mapToLong(RowGroup::rows).sum();
    }

    public long rowsToRead() {
        return rowGroups.stream().mapToLong(RowGroup::rowsToRead).sum();
    }
}
