package dev.firn.lake.catalog;

import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileIO;

/// A table at one snapshot with one schema. Immutable and thread-safe. It shares the catalog's connection to the store
/// and must not be used after [Catalogs#close].
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

    /// The schema of the pin (docs/semantics.md rule 13): the table's current one for a branch, the snapshot's own
    /// for a tag or an older snapshot.
    public Schema schema() {
        return schema;
    }

    /// The Iceberg table with fixed metadata: it never refreshes and cannot commit. Scans must name the pin's
    /// snapshot; if that is null there is nothing to scan.
    public Table iceberg() {
        return iceberg;
    }

    public FileIO io() {
        return iceberg.io();
    }

    /// Forgets what was kept of the table's files: one of them was damaged or gone.
    public void forgetFiles() {
        if (io() instanceof GuardedFileIO guarded) {
            guarded.forget();
        }
    }
}
