package dev.firn.lake.catalog;

/// What happened to a table's ref between two looks; the weightiest when several commits lie between. From
/// light to heavy.
public enum ChangeKind {
    /// Nothing: same table, snapshot and schema.
    NONE,
    /// The same rows in other files.
    COMPACTION,
    /// Rows came.
    APPEND,
    /// Rows changed or went, a rollback included.
    CONTENT,
    /// Columns changed, whatever else did.
    SCHEMA,
    /// The way from there to here cannot be walked, and the files of the earlier snapshot are not known either.
    UNTRACEABLE,
    /// Another table under the same name, or the same one begun anew (`CREATE OR REPLACE`).
    REPLACED
}
