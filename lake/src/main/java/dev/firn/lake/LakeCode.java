package dev.firn.lake;

/// Stable codes for requests that the lake cannot answer with data. Their names are the contract: programs compare
/// them.
public enum LakeCode {
    /// The catalog is not configured, or requests may not read it.
    CATALOG_NOT_ALLOWED,
    /// Requests may not read the schema.
    SCHEMA_NOT_ALLOWED,
    /// The catalog has no such schema.
    SCHEMA_NOT_FOUND,
    /// The schema has no such table.
    TABLE_NOT_FOUND,
    /// The catalog does not let Firn read the table.
    TABLE_DENIED,
    /// Firn cannot read the table: it is a view, has another table format or an unknown format version, or is
    /// encrypted.
    UNSUPPORTED_TABLE,
    /// The table was replaced: its UUID differs from the one in the pin.
    TABLE_REPLACED,
    /// The table has no such branch or tag.
    REF_NOT_FOUND,
    /// The metadata shows no trace of that snapshot, or of any snapshot at that time.
    SNAPSHOT_NOT_FOUND,
    /// The table had that snapshot, but its metadata or files are gone.
    SNAPSHOT_EXPIRED,
    /// Requests may not retain snapshots in that catalog.
    RETAIN_NOT_ALLOWED,
    /// The catalog refuses the tag that would retain a snapshot.
    RETAIN_REFUSED,
    /// A target table cannot have that name.
    TARGET_INVALID,
    /// Results may not be written as tables in that schema.
    TARGET_NOT_ALLOWED,
    /// Firn did not create the table for this request or standing retrieval, so it does not write to it.
    TARGET_NOT_OWNED,
    /// The columns of the target table cannot become those of the result.
    TARGET_SCHEMA_CHANGED,
    /// The catalog or the store refuses to let Firn write the target table.
    TARGET_REFUSED,
    /// The location is malformed or has segments such as `..`.
    LOCATION_INVALID,
    /// Requests may not read or write that location.
    LOCATION_NOT_ALLOWED,
    /// A file of the table is outside the locations that its files may be read from.
    DATA_LOCATION_NOT_ALLOWED,
    /// The file does not exist.
    FILE_NOT_FOUND,
    /// The store does not let Firn read the file.
    FILE_DENIED,
    /// A file of the table is truncated, overwritten or corrupt.
    FILE_UNREADABLE,
    /// The deletes of the table exceed the memory limit of a scan: compact the table.
    DELETE_BUDGET_EXCEEDED,
    /// A scan would need more files than the limit: compact the table.
    TOO_MANY_FILES,
    /// The file or folder is larger than the limit of the operation.
    FILE_TOO_LARGE,
    /// The store lacks a feature that the operation needs, such as conditional PUT.
    UNSUPPORTED_STORE,
    /// The store refuses the request for good, such as one for a bucket of another region.
    STORE_REFUSED,
    /// The local folder for temporary files is full. Transient.
    SCRATCH_FULL,
    /// There is no file at the location of the spine.
    SPINE_NOT_FOUND,
    /// The spine exists but cannot be read in its declared format.
    SPINE_UNREADABLE,
    /// The spine was overwritten while it was read.
    SPINE_CHANGED,
    /// The catalog is unavailable. Transient.
    CATALOG_UNAVAILABLE,
    /// The object store is unavailable. Transient.
    STORAGE_UNAVAILABLE
}
