package dev.firn.lake.parquet;

/// The rows of a row group that will be read, relative to its first row.
public interface WantedRows {
    /// The first wanted row at or after `row`; [Long#MAX_VALUE] if there is none.
    long next(long row);
}
