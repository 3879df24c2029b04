package dev.firn.lake.catalog;

import dev.firn.lake.storage.StoreIO;
import dev.firn.lake.storage.TableCaches;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileIO;

/// An Iceberg table with fixed metadata: it never refreshes and cannot commit.
///
/// It holds a reference to the loaded table. A REST catalog that vends credentials gives each table its own file IO and
/// closes it when the table's operations are garbage-collected, which could happen in the middle of a read.
final class FrozenTable extends BaseTable {
    private static final long serialVersionUID = 1L;

    private final transient Table loaded;
    private final transient DataLocations locations;

    /// @param locations the only ones from which files are read
    FrozenTable(TableMetadata metadata, Table loaded, DataLocations locations, String name, TableCaches cache) {
        this(
                metadata,
                new GuardedFileIO(
                        StoreIO.of(SignedStore.of(loaded.io())),
                        locations,
                        cache.ofTable(name + " " + metadata.uuid(), loaded)),
                loaded,
                locations,
                name);
    }

    private FrozenTable(TableMetadata metadata, FileIO io, Table loaded, DataLocations locations, String name) {
        super(new StaticTableOperations(metadata, io), name);
        this.loaded = loaded;
        this.locations = locations;
    }

    /// The table as the catalog loaded it, whose file IO is the catalog's own.
    Table loaded() {
        return loaded;
    }

    DataLocations locations() {
        return locations;
    }

    /// The same table with other metadata, and with the locations of this one: an older metadata file is named by a
    /// request, so what it says about the table's location is not trusted.
    FrozenTable at(TableMetadata metadata) {
        return new FrozenTable(metadata, io(), loaded, locations, name());
    }
}
