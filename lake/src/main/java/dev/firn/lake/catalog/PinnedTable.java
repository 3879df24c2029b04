package dev.firn.lake.catalog;

import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileIO;

/// A table that stands still: one snapshot, one schema. Immutable and thread-safe; it shares the catalog's
/// connection to the store and must not be used after [Catalogs#close].
public final class PinnedTable {
    private final SnapshotPin pin;
    private final Schema schema;
    private final Table iceberg;

    PinnedTable(SnapshotPin pin, Schema schema, Table iceberg) {
        this.pin = pin;
        this.schema = schema;
        this.iceberg = iceberg;
    }

    public SnapshotPin pin() {
        return pin;
    }

    /// The schema of the pin (SEMANTICS rule 13): a branch's is the table's current one, a tag's or an older
    /// snapshot's its own.
    public Schema schema() {
        return schema;
    }

    /// Iceberg's table over fixed metadata: it never refreshes and cannot commit. Scans must name the pin's
    /// snapshot; with a null snapshot there is nothing to scan.
    public Table iceberg() {
        return iceberg;
    }

    public FileIO io() {
        return iceberg.io();
    }
}
