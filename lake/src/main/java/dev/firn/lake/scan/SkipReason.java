package dev.firn.lake.scan;

/// Why a part of a table was skipped.
public enum SkipReason {
    /// Iceberg's planning left it out, by manifest summaries, partitions or file bounds.
    PLANNING,
    /// Firn compared the bounds of a data file that Iceberg's planning cannot compare correctly.
    FILE_BOUNDS,
    /// The statistics of a row group in the footer.
    STATISTICS,
    /// The dictionary of a key column contains no key of the spine.
    DICTIONARY,
    /// The Bloom filter of a key column contains no key of the spine.
    BLOOM_FILTER,
    /// The bounds of pages.
    PAGE_INDEX
}
