package dev.firn.benchmarks;

/// What happens to a table between two runs of a standing retrieval.
enum Change {
    /// 100,000 rows in one file, with times from all over the year.
    APPEND,
    /// The same, after every file was rewritten.
    COMPACTION_AND_APPEND,
    /// One row in a hundred of each file is deleted by its position.
    POSITION_DELETES,
    /// One key in a hundred is deleted.
    EQUALITY_DELETES,
    /// A tenth of the files is rewritten without a tenth of its rows.
    COPY_ON_WRITE
}
