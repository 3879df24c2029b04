package dev.firn.lake.catalog;

import dev.firn.lake.Access;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.Secrets;
import dev.firn.lake.TableName;
import dev.firn.lake.storage.GuardedStorage;
import dev.firn.lake.storage.Storage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.apache.iceberg.catalog.Catalog;
import org.jspecify.annotations.Nullable;

/// The Iceberg catalogs that Firn may read, opened when first used and kept. Tables are loaded afresh each
/// time. Thread-safe.
///
/// Every method answers, or throws `LakeRejection` (definite) or `LakeOutage` (transient, after bounded
/// retries and within a limit).
public final class Catalogs implements AutoCloseable {
    /// How long a call may take where nothing else is said.
    public static final Duration TIME_LIMIT = Duration.ofSeconds(20);

    private final CatalogSessions sessions;
    private final CatalogCalls calls;
    private final Access access;
    private final Storage storage;

    private Catalogs(CatalogSessions sessions, CatalogCalls calls, Access access, Storage storage) {
        this.sessions = sessions;
        this.calls = calls;
        this.access = access;
        this.storage = storage;
    }

    /// Opens nothing yet.
    ///
    /// @param properties Iceberg's own properties by catalog name (`type` or `catalog-impl`, `uri`,
    ///        `warehouse`, …)
    /// @param storage properties of the store of spines and results, see [Storage#open]; the catalogs
    ///        take from them
    ///        what they do not set themselves
    /// @param timeLimit longest a call to a catalog may take, its retries included
    public static Catalogs of(
            Map<String, Map<String, String>> properties,
            Map<String, String> storage,
            Access access,
            Duration timeLimit) {
        List<Map<String, String>> all = new ArrayList<>(properties.values());
        all.add(storage);
        CatalogCalls calls = new CatalogCalls(new CatalogFaults(Secrets.of(all)), timeLimit);
        return new Catalogs(
                new CatalogSessions(properties, storage),
                calls,
                access,
                new GuardedStorage(Storage.open(storage), access));
    }

    /// The same within [#TIME_LIMIT].
    public static Catalogs of(Map<String, Map<String, String>> properties, Map<String, String> storage, Access access) {
        return of(properties, storage, access, TIME_LIMIT);
    }

    /// The table as it stands. `CATALOG_NOT_ALLOWED`, `SCHEMA_NOT_ALLOWED`, `SCHEMA_NOT_FOUND`,
    /// `TABLE_NOT_FOUND` (with the nearest name where the catalog can list), `UNSUPPORTED_TABLE`.
    public LakeTable load(TableName name) {
        access.check(name);
        return calls.run(name, () -> {
            Catalog catalog = sessions.open(name);
            return new TableLoad(catalog, name).load();
        });
    }

    /// The table at a pin. Beside those of [#load]: `TABLE_REPLACED`, `SNAPSHOT_EXPIRED`, `SNAPSHOT_NOT_FOUND`.
    public PinnedTable open(SnapshotPin pin) {
        return open(load(pin.table()), pin);
    }

    /// The same of a table that was loaded already.
    public PinnedTable open(LakeTable now, SnapshotPin pin) {
        if (!now.name().equals(pin.table())) {
            throw new IllegalArgumentException("a pin of " + pin.table() + " cannot be opened in " + now.name());
        }
        if (!Objects.equals(now.uuid(), pin.tableUuid())) {
            throw new LakeRejection(
                    LakeCode.TABLE_REPLACED,
                    "[" + pin.table() + "] is another table now: the pin names UUID " + pin.tableUuid() + ", it has "
                            + now.uuid());
        }
        return calls.run(pin.table(), () -> PinResolution.resolve(now, pin));
    }

    /// The table as an older metadata file of it says. `LOCATION_NOT_ALLOWED`, `SNAPSHOT_EXPIRED` when the file
    /// is gone, `SNAPSHOT_NOT_FOUND` when it is another table's.
    public LakeTable at(LakeTable now, String metadataLocation) {
        return calls.run(
                now.name(),
                () -> now.at(
                        new TableMetadataFile(now, metadataLocation, now.name().toString()).read()));
    }

    /// What happened to a ref since an earlier look: by its ancestry, and where that is absent by the files of
    /// both snapshots; untraceable where comparing those takes longer than a call may, for the next look would
    /// take as long. `REF_NOT_FOUND`.
    ///
    /// @param metadataLocation the metadata file of the earlier look, for when the catalog lists its snapshot
    ///     no longer; null when it is not known
    public TableChange between(
            LakeTable now, @Nullable String ref, TableState before, @Nullable String metadataLocation) {
        TableChange walked = CommitWalk.between(now, ref, before);
        if (walked.kind() != ChangeKind.UNTRACEABLE) {
            return walked;
        }
        try {
            return calls.run(
                    now.name(),
                    () -> CommitWalk.traced(walked, FileSets.compare(now, walked, before, metadataLocation), before));
        } catch (LakeOutage e) {
            if (e.getCause() instanceof TimeoutException) {
                return walked;
            }
            throw e;
        }
    }

    /// Keeps a pinned snapshot by a tag that its catalog's expiry passes over; nothing happens where the tag stands
    /// already, or the pin is of no snapshot. Beside those of [#load]: `RETAIN_NOT_ALLOWED`, `RETAIN_REFUSED`,
    /// `TABLE_REPLACED`, `SNAPSHOT_EXPIRED`.
    ///
    /// @param until when expiry may take the snapshot all the same; null: not before somebody removes the tag
    public void retain(SnapshotPin pin, String tag, @Nullable Instant until) {
        TableName name = pin.table();
        access.check(name);
        access.checkRetain(name);
        calls.run(name, () -> {
            new SnapshotTag(pin, tag, until).put(new TableLoad(sessions.open(name), name).writable());
            return true;
        });
    }

    /// The store of spines and results, within the guard rails: reads below the spine prefixes and the
    /// results, writes below the results.
    public Storage storage() {
        return storage;
    }

    public Access access() {
        return access;
    }

    @Override
    public String toString() {
        return "Catalogs" + sessions.names();
    }

    @Override
    public void close() {
        calls.close();
        sessions.close();
        storage.close();
    }
}
