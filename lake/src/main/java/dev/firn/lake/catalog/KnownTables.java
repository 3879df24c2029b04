package dev.firn.lake.catalog;

import dev.firn.lake.TableName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.iceberg.BaseMetastoreTableOperations;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.Catalog;
import org.jspecify.annotations.Nullable;

/// Tables that were loaded before, for callers that look at the same tables again and again. Thread-safe.
///
/// Catalogs that keep only the name of a table's metadata file (JDBC, Glue, Hive, Nessie) are asked for that name. The
/// file is read only if it is another one than before: metadata files never change. Other catalogs are asked for the
/// whole table each time.
final class KnownTables {
    private static final int MAX_TABLES = 4_096;

    /// Snapshots and columns of all tables together: about 64 MiB of metadata.
    private static final int MAX_WEIGHT = 65_536;

    /// A table with more is read each time, because its metadata is large.
    private static final int MAX_TABLE_WEIGHT = 8_192;

    /// The table that was looked at longest ago comes first.
    private final Map<TableName, Known> tables = new LinkedHashMap<>(16, 0.75f, true);

    private int weight;

    private static final class Known {
        final Catalog catalog;
        final BaseTable table;
        /// Iceberg's operations of one table are not thread-safe.
        final ReentrantLock use = new ReentrantLock();
        /// As long as it is kept.
        int weight;

        Known(Catalog catalog, BaseTable table) {
            this.catalog = catalog;
            this.table = table;
        }
    }

    /// @param load loads the table if it is not known, is in use, or cannot be refreshed for any reason
    /// @return the table with its current state
    Table current(Catalog catalog, TableName name, Supplier<Table> load) {
        @Nullable Known known = find(name);
        if (known != null && known.catalog == catalog && known.use.tryLock()) {
            try {
                known.table.refresh();
                keep(name, known);
                return known.table;
            } catch (RuntimeException e) {
                // dropped, replaced, or an outage: loading it says which
                forget(name);
            } finally {
                known.use.unlock();
            }
        }
        Table loaded = load.get();
        if (loaded instanceof BaseTable base && base.operations() instanceof BaseMetastoreTableOperations) {
            keep(name, new Known(catalog, base));
        }
        return loaded;
    }

    private synchronized @Nullable Known find(TableName name) {
        return tables.get(name);
    }

    private synchronized void forget(TableName name) {
        @Nullable Known gone = tables.remove(name);
        if (gone != null) {
            weight -= gone.weight;
        }
    }

    /// Keeps the table with the weight that it has now, in place of those that were looked at longest ago.
    private synchronized void keep(TableName name, Known known) {
        forget(name);
        known.weight = weight(known.table.operations().current());
        if (known.weight > MAX_TABLE_WEIGHT) {
            return;
        }
        tables.put(name, known);
        weight += known.weight;
        while (weight > MAX_WEIGHT || tables.size() > MAX_TABLES) {
            forget(tables.keySet().iterator().next());
        }
    }

    private static int weight(TableMetadata metadata) {
        int columns = metadata.schemas().stream()
                .mapToInt(schema -> schema.columns().size())
                .sum();
        return 1 + metadata.snapshots().size() + columns;
    }
}
