package dev.firn.lake.catalog;

import dev.firn.lake.Access;
import dev.firn.lake.TableName;
import dev.firn.lake.storage.Storage;
import java.util.Map;

/// The Iceberg catalogs that Firn may read, opened when first used and kept. Tables are loaded afresh each
/// time.
/// Thread-safe.
///
/// Every method answers, or throws `LakeRejection` (definite) or `LakeOutage` (transient, after bounded
/// retries).
public final class Catalogs implements AutoCloseable {
    private final Map<String, Map<String, String>> properties;
    private final Access access;

    private Catalogs(Map<String, Map<String, String>> properties, Access access) {
        this.properties = Map.copyOf(properties);
        this.access = access;
    }

    /// @param properties Iceberg's own properties by catalog name (`type` or `catalog-impl`, `uri`,
    ///        `warehouse`, …)
    /// @param storage properties of the store of spines and results, see [Storage#open]; the catalogs
    ///        take from them
    ///        what they do not set themselves
    public static Catalogs of(Map<String, Map<String, String>> properties, Map<String, String> storage, Access access) {
        return new Catalogs(properties, access);
    }

    /// The table as it stands. `CATALOG_NOT_ALLOWED`, `SCHEMA_NOT_ALLOWED`, `SCHEMA_NOT_FOUND`,
    /// `TABLE_NOT_FOUND` (with
    /// the nearest name), `UNSUPPORTED_TABLE`.
    public LakeTable load(TableName name) {
        return landsNext();
    }

    /// The table at a pin. Beside those of [#load]: `TABLE_REPLACED`, `SNAPSHOT_EXPIRED`.
    public PinnedTable open(SnapshotPin pin) {
        return landsNext();
    }

    /// The store of spines and results, within the guard rails.
    public Storage storage() {
        return landsNext();
    }

    private <T> T landsNext() {
        throw new UnsupportedOperationException("lands next: " + properties.keySet());
    }

    public Access access() {
        return access;
    }

    @Override
    public void close() {}
}
