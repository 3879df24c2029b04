package dev.firn.lake.catalog;

import dev.firn.engine.MemoryBudget;
import dev.firn.lake.Access;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Secrets;
import dev.firn.lake.TableName;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.storage.GuardedStorage;
import dev.firn.lake.storage.MetadataCache;
import dev.firn.lake.storage.Storage;
import dev.firn.lake.storage.TableCaches;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.iceberg.catalog.Catalog;
import org.jspecify.annotations.Nullable;

/// The Iceberg catalogs that Firn may read, and where allowed write ([dev.firn.lake.targets]). A catalog is opened at
/// its first use and stays open. Each load asks the catalog for the table's current state; only files that never change
/// are kept ([MetadataCache]). Thread-safe.
///
/// Methods throw `LakeRejection` (definite) or `LakeOutage` (transient, after bounded retries within the time limit).
public final class Catalogs implements AutoCloseable {
    private final CatalogSessions sessions;
    private final CatalogCalls calls;
    private final Access access;
    private final Storage storage;
    private final MemoryBudget comparisons;
    private final TableCaches caches;
    private final KnownTables known = new KnownTables();

    private Catalogs(
            CatalogSessions sessions,
            CatalogCalls calls,
            Access access,
            Storage storage,
            CatalogLimits limits,
            @Nullable ColumnCache columns) {
        this.comparisons = new MemoryBudget(limits.comparisonBytes());
        this.caches = new TableCaches(new MetadataCache(limits.metadataBytes()), columns);
        this.sessions = sessions;
        this.calls = calls;
        this.access = access;
        this.storage = storage;
    }

    /// Creates the catalogs without opening any.
    ///
    /// @param properties Iceberg's own properties by catalog name (`type` or `catalog-impl`, `uri`,
    ///        `warehouse`, …)
    /// @param storage properties of the store of spines and results, see [Storage#open]; catalogs inherit what
    ///     they do not set themselves
    public static Catalogs of(
            Map<String, Map<String, String>> properties,
            Map<String, String> storage,
            Access access,
            CatalogLimits limits) {
        return of(properties, storage, access, limits, null);
    }

    /// Like [#of(Map, Map, Access, CatalogLimits)], with a cache of columns.
    ///
    /// @param columns closed with the catalogs; null for none
    public static Catalogs of(
            Map<String, Map<String, String>> properties,
            Map<String, String> storage,
            Access access,
            CatalogLimits limits,
            @Nullable ColumnCache columns) {
        List<Map<String, String>> all = new ArrayList<>(properties.values());
        all.add(storage);
        CatalogCalls calls = new CatalogCalls(new CatalogFaults(Secrets.of(all)), limits);
        return new Catalogs(
                new CatalogSessions(properties, storage, limits.callTime()),
                calls,
                access,
                new GuardedStorage(Storage.open(storage), access),
                limits,
                columns);
    }

    /// Like [#of(Map, Map, Access, CatalogLimits)], with the default limits.
    public static Catalogs of(Map<String, Map<String, String>> properties, Map<String, String> storage, Access access) {
        return of(properties, storage, access, CatalogLimits.DEFAULTS);
    }

    /// Loads the current state of a table. Throws `CATALOG_NOT_ALLOWED`, `SCHEMA_NOT_ALLOWED`, `SCHEMA_NOT_FOUND`,
    /// `TABLE_NOT_FOUND` (with the nearest name if the catalog can list its tables), `UNSUPPORTED_TABLE`,
    /// `DATA_LOCATION_NOT_ALLOWED` (also thrown by whatever reads the table's files later).
    public LakeTable load(TableName name) {
        access.check(name);
        return calls.run(name, () -> {
            TableLoad load = new TableLoad(sessions.open(name), name, caches);
            return caches.metadata()
                    .ofTable(name.toString())
                    .loading(() -> load.load(access, sessions.warehouse(name)));
        });
    }

    /// Like [#load], for callers that look at the same tables again and again: metadata that has not changed is
    /// not read again.
    public LakeTable look(TableName name) {
        access.check(name);
        return calls.run(name, () -> {
            Catalog catalog = sessions.open(name);
            return new TableLoad(catalog, name, caches).look(known, access, sessions.warehouse(name));
        });
    }

    /// Throws `DATA_LOCATION_NOT_ALLOWED` if the table writes to a location that Firn may not read, or if a file of the
    /// snapshot is at one. Reads manifests, up to a limit of files.
    ///
    /// @param snapshotId null if the table has none
    public void checkFileLocations(LakeTable table, @Nullable Long snapshotId) {
        calls.run(table.name(), () -> {
            FileLocations.check(table, snapshotId);
            return true;
        });
    }

    /// Opens the table at a pin. In addition to the codes of [#load], throws `TABLE_REPLACED`, `SNAPSHOT_EXPIRED`,
    /// `SNAPSHOT_NOT_FOUND`.
    public PinnedTable open(SnapshotPin pin) {
        return open(load(pin.table()), pin);
    }

    /// Like [#open(SnapshotPin)], for a table that is already loaded.
    public PinnedTable open(LakeTable now, SnapshotPin pin) {
        if (!now.name().equals(pin.table())) {
            throw new IllegalArgumentException("the pin is for " + pin.table() + ", not for " + now.name());
        }
        if (!Objects.equals(now.uuid(), pin.tableUuid())) {
            throw new LakeRejection(
                    LakeCode.TABLE_REPLACED,
                    "[" + pin.table() + "] was replaced: the pin has UUID " + pin.tableUuid() + ", the table has "
                            + now.uuid());
        }
        return calls.run(pin.table(), () -> PinResolution.resolve(now, pin));
    }

    /// The table as described by one of its older metadata files. Throws `LOCATION_NOT_ALLOWED`,
    /// `SNAPSHOT_EXPIRED` if the file is gone, `SNAPSHOT_NOT_FOUND` if it belongs to another table.
    public LakeTable at(LakeTable now, String metadataLocation) {
        return calls.run(
                now.name(),
                () -> now.at(
                        new TableMetadataFile(now, metadataLocation, now.name().toString()).read()));
    }

    /// What happened to a ref since an earlier look. Walks the ancestry; if that is incomplete, compares the
    /// files of both snapshots. The change stays untraceable if the comparison exceeds the time limit or needs
    /// more than all memory for comparisons, since the next look would take as much, or if the files cannot be
    /// read. If other comparisons hold that memory, it is an outage. Throws `REF_NOT_FOUND`.
    ///
    /// @param metadataLocation the metadata file of the earlier look, used if the catalog no longer lists its
    ///     snapshot; null if unknown
    public TableChange between(
            LakeTable now, @Nullable String ref, TableState before, @Nullable String metadataLocation) {
        TableChange walked = CommitWalk.between(now, ref, before);
        if (walked.kind() != ChangeKind.UNTRACEABLE) {
            return walked;
        }
        try {
            return calls.run(
                    now.name(),
                    () -> CommitWalk.traced(
                            walked, FileSets.compare(now, walked, before, metadataLocation, comparisons), before));
        } catch (LakeOutage e) {
            if (e.getCause() instanceof TimeoutException) {
                return walked;
            }
            throw e;
        } catch (LakeRejection unreadable) {
            return walked;
        }
    }

    /// The bytes that comparisons of files hold at this moment.
    public long comparisonBytes() {
        return comparisons.bytes() - comparisons.available();
    }

    /// What is kept of tables' files, to be counted.
    public MetadataCache metadata() {
        return caches.metadata();
    }

    MemoryBudget comparisons() {
        return comparisons;
    }

    /// Retains a pinned snapshot with a tag, so that expiry spares it. Does nothing if the tag exists already or
    /// the pin has no snapshot. In addition to the codes of [#load], throws `RETAIN_NOT_ALLOWED`,
    /// `RETAIN_REFUSED`, `TABLE_REPLACED`, `SNAPSHOT_EXPIRED`.
    ///
    /// @param until when expiry may remove the snapshot; null keeps it until someone removes the tag
    public void retain(SnapshotPin pin, String tag, @Nullable Instant until) {
        TableName name = pin.table();
        access.check(name);
        access.checkRetain(name);
        calls.run(name, () -> {
            new SnapshotTag(pin, tag, until).put(new TableLoad(sessions.open(name), name, caches).writable());
            return true;
        });
    }

    /// Runs a call about a target table, which may write to the catalog. Throws `TARGET_INVALID`, `TARGET_NOT_ALLOWED`.
    /// After an outage the call may run again, and one that was given up may go on for a while.
    public <T> T atTarget(TableName name, Function<Catalog, T> call) {
        access.checkTarget(name);
        return calls.run(name, () -> call.apply(sessions.open(name)));
    }

    /// Runs a call that reads or writes a file for a target table, as long as it takes.
    public <T> T atTargetFile(TableName name, String location, Supplier<T> call) {
        try {
            return call.get();
        } catch (CancellationException e) {
            throw e;
        } catch (RuntimeException e) {
            throw calls.fileFault(name, location, e);
        }
    }

    /// Asks a catalog for a schema, to see whether it answers; it need not exist. Throws `LakeOutage`.
    public void check(String catalog, String schema) {
        TableName asked = new TableName(catalog, schema, "none");
        calls.run(asked, () -> CatalogCheck.ask(sessions.open(asked), asked));
    }

    /// The store of spines and results, restricted to reads under the spine prefixes and the results location and
    /// to writes under the results location.
    public Storage storage() {
        return storage;
    }

    /// Calls to the catalog in progress, those included that were given up and have not ended.
    public int callsInProgress(String catalog) {
        return calls.inProgress(catalog);
    }

    /// The names of the configured catalogs.
    public List<String> names() {
        return sessions.names();
    }

    public Access access() {
        return access;
    }

    @Override
    public String toString() {
        return "Catalogs" + sessions.names();
    }

    /// Returns within seconds, even if a catalog hangs.
    @Override
    public void close() {
        if (caches.columns() != null) {
            caches.columns().close();
        }
        calls.close();
        sessions.close();
        storage.close();
    }
}
