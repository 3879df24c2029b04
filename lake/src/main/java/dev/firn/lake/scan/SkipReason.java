package dev.firn.lake.scan;

/// Why something of a table was not read.
public enum SkipReason {
    /// Iceberg's planning did not list it: summaries of manifests, partitions, bounds of files.
    PLANNING,
    /// Bounds of a listed data file, compared by Firn: those that Iceberg's planning may not be asked about.
    FILE_BOUNDS,
    /// Statistics of a row group in the file's footer.
    STATISTICS,
    /// The dictionary of a key column holds no key of the spine.
    DICTIONARY,
    /// The Bloom filter of a key column knows no key of the spine.
    BLOOM_FILTER,
    /// Bounds of pages.
    PAGE_INDEX
}
