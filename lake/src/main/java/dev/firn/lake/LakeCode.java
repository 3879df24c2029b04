package dev.firn.lake;

/// Stable codes of what the lake can answer instead of data. Their names are the contract: programs compare
/// them.
public enum LakeCode {
    /// The catalog is not configured or not among those that requests may read.
    CATALOG_NOT_ALLOWED,
    /// The schema is not among those that requests may read.
    SCHEMA_NOT_ALLOWED,
    /// The catalog has no such schema.
    SCHEMA_NOT_FOUND,
    /// The schema has no such table.
    TABLE_NOT_FOUND,
    /// The name stands for something Firn does not read: a view, a table of another format, a format version or
    /// an encryption it does not know.
    UNSUPPORTED_TABLE,
    /// Another table (another UUID) stands under the name that a pin was taken of.
    TABLE_REPLACED,
    /// The table has no such branch or tag.
    REF_NOT_FOUND,
    /// The table never had that snapshot, as far as its metadata tells, or none at that time.
    SNAPSHOT_NOT_FOUND,
    /// The table had that snapshot; its metadata or its files are gone.
    SNAPSHOT_EXPIRED,
    /// Requests may not keep snapshots in that catalog by tags.
    RETAIN_NOT_ALLOWED,
    /// The catalog refuses the tag that would keep a snapshot.
    RETAIN_REFUSED,
    /// The text is no location: malformed, or with segments such as `..`.
    LOCATION_INVALID,
    /// The location lies outside what requests may read or write.
    LOCATION_NOT_ALLOWED,
    /// Nothing lies at the location.
    FILE_NOT_FOUND,
    /// The store refuses Firn to read the location.
    FILE_DENIED,
    /// A file of the table is not what its format says: cut off, overwritten or damaged.
    FILE_UNREADABLE,
    /// The table has more deletes to apply than a scan may keep in memory; it wants compaction.
    DELETE_BUDGET_EXCEEDED,
    /// The file or folder is larger than the limit of the operation.
    FILE_TOO_LARGE,
    /// The store cannot do what the operation needs, a conditional PUT for one.
    UNSUPPORTED_STORE,
    /// A spine's location holds nothing.
    SPINE_NOT_FOUND,
    /// A spine is there but cannot be read as what it is said to be.
    SPINE_UNREADABLE,
    /// The catalog does not answer. Transient.
    CATALOG_UNAVAILABLE,
    /// The object store does not answer. Transient.
    STORAGE_UNAVAILABLE
}
