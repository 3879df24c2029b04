package dev.firn.retrieval.spine;

import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.scan.WholeTable;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/// Opens spines. Each method reads only what it needs to know the columns, and throws [SpineFault] if the spine is
/// invalid.
public final class Spines {
    private Spines() {}

    /// Rows from the request itself. Columns without a type are strings.
    public static SpineRows inline(
            List<String> columns, List<List<@Nullable String>> rows, Map<String, Type> types, ZoneId zone) {
        return new InlineRows(columns, rows, types, zone);
    }

    /// CSV files in the given order. Columns without a type are strings.
    ///
    /// @param keep columns to keep; empty keeps all
    public static SpineRows csv(List<SpineFile> files, List<String> keep, Map<String, Type> types, ZoneId zone) {
        CsvRows rows = new CsvRows(inputs(files), keep, FolderColumns.names(files), types, zone);
        return FolderColumns.added(rows, files, keep, types, zone);
    }

    /// Parquet files in the given order.
    ///
    /// @param keep columns to keep; empty keeps all
    /// @param types of columns that only folders name; others are strings
    public static SpineRows parquet(List<SpineFile> files, List<String> keep, Map<String, Type> types, ZoneId zone) {
        ParquetRows rows = new ParquetRows(inputs(files), keep, FolderColumns.names(files));
        return FolderColumns.added(rows, files, keep, types, zone);
    }

    private static List<InputFile> inputs(List<SpineFile> files) {
        return files.stream().map(SpineFile::input).toList();
    }

    /// An Iceberg table at its pin, ordered by data sequence number, path and position.
    ///
    /// @param keep columns to keep; empty keeps all
    /// @param localTimes the column whose times without a zone are read in another one than UTC; null: none
    public static SpineRows table(
            PinnedTable table, List<String> keep, WholeTable.Reading reading, @Nullable String localTimes) {
        return new TableRows(table, keep, reading, localTimes);
    }
}
