package dev.firn.lake.storage;

import dev.firn.lake.columns.ColumnCache;
import org.jspecify.annotations.Nullable;

/// What a process keeps of tables' files: what is read besides rows, in memory, and columns, on the local disk.
///
/// @param columns null for none
public record TableCaches(MetadataCache metadata, @Nullable ColumnCache columns) {
    /// Keeps nothing.
    public static final TableCaches NONE = new TableCaches(MetadataCache.NONE, null);

    /// @param owner of the file IO of the table, see [OfTable]
    public OfTable ofTable(String table, Object owner) {
        return new OfTable(metadata.ofTable(table), columns, table, owner);
    }

    /// What is kept for one table. What was read for one table is found for that table only.
    ///
    /// @param owner stays reachable while columns of the table wait to be written: a REST catalog closes a file
    ///     IO when the table that it belongs to is garbage-collected
    public record OfTable(
            MetadataCache.OfTable metadata, @Nullable ColumnCache columns, String table, Object owner) {}
}
