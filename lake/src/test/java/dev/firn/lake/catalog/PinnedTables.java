package dev.firn.lake.catalog;

import dev.firn.lake.Access;
import dev.firn.lake.TableName;
import dev.firn.lake.storage.TableCaches;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
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

    /// Like [#head], where what is read of the table's files besides rows is kept.
    public static PinnedTable head(BaseTable table, TableCaches cache) {
        Access access = new Access(
                Set.of("test"), Set.of(), List.of(), "s3://lake/results", Set.of(), List.of(table.location()));
        TableName name = new TableName("test", "gold", "features");
        TableMetadata metadata = table.operations().current();
        DataLocations locations = DataLocations.of(access, name, null, table.io(), table.location());
        return head(new FrozenTable(metadata, table, locations, name.toString(), cache));
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
