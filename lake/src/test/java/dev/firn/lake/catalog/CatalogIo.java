package dev.firn.lake.catalog;

import org.apache.iceberg.io.FileIO;

/// The file IO that the catalog gave a table, without Firn's guards.
public final class CatalogIo {
    private CatalogIo() {}

    public static FileIO of(PinnedTable table) {
        return ((FrozenTable) table.iceberg()).loaded().io();
    }
}
