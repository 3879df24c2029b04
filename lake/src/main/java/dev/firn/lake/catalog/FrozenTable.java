package dev.firn.lake.catalog;

import org.apache.iceberg.BaseTable;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;

/// Iceberg's table over fixed metadata: it never refreshes and cannot commit.
///
/// It keeps the table that it was loaded as. A REST catalog that hands out credentials gives each table a file
/// IO of its own and closes it when that table's operations are collected, in the middle of a read if nobody
/// held them.
final class FrozenTable extends BaseTable {
    private static final long serialVersionUID = 1L;

    private final transient Table loaded;

    FrozenTable(TableMetadata metadata, Table loaded, String name) {
        this(metadata, SignedStore.of(loaded.io()), loaded, name);
    }

    private FrozenTable(TableMetadata metadata, FileIO io, Table loaded, String name) {
        super(new StaticTableOperations(metadata, io), name);
        this.loaded = loaded;
    }

    /// The same table by other metadata of it.
    FrozenTable at(TableMetadata metadata) {
        return new FrozenTable(metadata, io(), loaded, name());
    }
}
