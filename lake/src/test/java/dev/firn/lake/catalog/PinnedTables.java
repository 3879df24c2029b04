package dev.firn.lake.catalog;

import dev.firn.lake.TableName;
import java.util.Objects;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// Pins test tables without a catalog.
public final class PinnedTables {
    private PinnedTables() {}

    /// The current snapshot with the current schema.
    public static PinnedTable head(Table table) {
        Snapshot snapshot = table.currentSnapshot();
        return at(
                table,
                snapshot == null ? null : snapshot.snapshotId(),
                table.schema().schemaId());
    }

    /// The same pin with another table object.
    public static PinnedTable over(PinnedTable pinned, Table other) {
        return new PinnedTable(pinned.pin(), pinned.schema(), other);
    }

    public static PinnedTable at(Table table, @Nullable Long snapshotId, int schemaId) {
        return new PinnedTable(
                new SnapshotPin(
                        new TableName("test", "gold", "features"),
                        table.uuid().toString(),
                        snapshotId,
                        schemaId,
                        table.location()),
                Objects.requireNonNull(table.schemas().get(schemaId)),
                table);
    }
}
