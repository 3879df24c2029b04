package dev.firn.lake.catalog;

/// What happened to a table's ref between two looks, in ascending weight. Of several commits the heaviest counts.
public enum ChangeKind {
    /// Nothing changed: same table, snapshot and schema.
    NONE,
    /// The same rows in other files.
    COMPACTION,
    /// Rows were added.
    APPEND,
    /// Rows were changed or removed, for example by a rollback.
    CONTENT,
    /// The schema changed, and possibly rows too.
    SCHEMA,
    /// The ancestry is incomplete and the files of the earlier snapshot are unknown.
    UNTRACEABLE,
    /// The table was replaced by another one, or by `CREATE OR REPLACE`.
    REPLACED
}
