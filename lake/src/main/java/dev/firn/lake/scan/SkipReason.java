package dev.firn.lake.scan;

/// Why a part of a table was skipped.
public enum SkipReason {
    /// Its partition, or the partitions of its whole manifest.
    PLANNING,
    /// The bounds of a data file in its manifest.
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
