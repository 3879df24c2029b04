package dev.firn.lake.catalog;

import dev.firn.lake.TableName;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.iceberg.BaseMetastoreTableOperations;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.jspecify.annotations.Nullable;

/// Tables that were loaded before, for callers that look at the same tables again and again. Thread-safe.
///
/// Catalogs that keep only the name of a table's metadata file (JDBC, Glue, Hive, Nessie) are asked for that name. The
/// file is read only if it is another one than before: metadata files never change. Other catalogs are asked for the
/// whole table each time.
final class KnownTables {
    private static final int MAX_TABLES = 64;

    /// A table with more is read each time, because its metadata is large.
    private static final int MAX_SNAPSHOTS = 1_000;

    private final Map<TableName, Known> tables = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<TableName, Known> eldest) {
            return size() > MAX_TABLES;
        }
    });

    private static final class Known {
        final Catalog catalog;
        final BaseTable table;
        /// Iceberg's operations of one table are not thread-safe.
        final ReentrantLock use = new ReentrantLock();

        Known(Catalog catalog, BaseTable table) {
            this.catalog = catalog;
            this.table = table;
        }
    }

    /// @param load loads the table if it is not known, is in use, or cannot be refreshed for any reason
    /// @return the table with its current state
    Table current(Catalog catalog, TableName name, Supplier<Table> load) {
        @Nullable Known known = tables.get(name);
        if (known != null && known.catalog == catalog && known.use.tryLock()) {
            try {
                known.table.refresh();
                return known.table;
            } catch (RuntimeException e) {
                // dropped, replaced, or an outage: loading it says which
                tables.remove(name, known);
            } finally {
                known.use.unlock();
            }
        }
        Table loaded = load.get();
        if (loaded instanceof BaseTable base
                && base.operations() instanceof BaseMetastoreTableOperations operations
                && operations.current().snapshots().size() <= MAX_SNAPSHOTS) {
            tables.put(name, new Known(catalog, base));
        }
        return loaded;
    }
}
