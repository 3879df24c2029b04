package dev.firn.lake.parquet;

/// Rows of a row group that somebody will ask for, counted from its first.
public interface WantedRows {
    /// The first wanted row at or after `row`; [Long#MAX_VALUE] if there is none.
    long next(long row);
}
