package dev.firn.registration.validation;

import dev.firn.lake.TableName;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What Trino says about one table.
///
/// Every method throws [TrinoClient.TrinoAwayException] if Trino does not answer in time, and
/// [TrinoClient.TrinoRefusedException] if it rejects the query.
interface TrinoTable {
    /// Trino's name of the connector behind the catalog; null if Trino has no such catalog.
    @Nullable
    String connector();

    /// The table's columns in lower case, as Trino names them; empty if there is no such table.
    List<String> columns();

    /// The schemas of the catalog.
    List<String> schemas();

    /// The tables of the schema.
    List<String> tables();

    /// The snapshot of a branch or tag; null if the table has no snapshot or no such ref.
    @Nullable
    Long snapshotId(String ref);

    /// One of the table's files; null if it has none.
    @Nullable
    String anyFilePath();

    /// Counts keys and timestamps in a sample of the rows.
    RowCounts count(RowSample sample, Duration limit);

    /// Which rows to count.
    ///
    /// @param keyColumns the path of each: its name, after those of the structs that hold it
    /// @param timestampType Iceberg's name of the timestamp's type
    /// @param timestampZone the zone of timestamps without one; null: UTC
    /// @param maxRows size of the sample at most
    record RowSample(
            TableName table,
            List<List<String>> keyColumns,
            List<String> timestampColumn,
            String timestampType,
            @Nullable String timestampZone,
            long snapshotId,
            long maxRows) {
        public RowSample {
            keyColumns = List.copyOf(keyColumns);
            timestampColumn = List.copyOf(timestampColumn);
        }
    }

    /// @param keys distinct keys
    /// @param future rows whose timestamp is in the future
    /// @param duplicates rows that share key and timestamp with another row
    record RowCounts(long rows, long keys, long future, long duplicates) {}
}
