package dev.firn.registration.table;

import dev.firn.events.CommitKind;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.TableName;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.catalog.ChangeKind;
import dev.firn.lake.catalog.LakeTable;
import dev.firn.lake.catalog.TableChange;
import dev.firn.lake.catalog.TableState;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import dev.firn.schemas.Micros;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;

/// Looks at tables in their Iceberg catalogs. If an outage hits some of the refs only, the results of the others are
/// returned; the next look makes up for the rest. A rejection belongs to its ref alone.
public final class CatalogObserver implements TableObserver {
    /// Answers that say nothing about the table itself: a right or a file that comes back must not have broken a view.
    private static final Set<LakeCode> UNKNOWN = EnumSet.of(
            LakeCode.TABLE_DENIED,
            LakeCode.FILE_DENIED,
            LakeCode.FILE_NOT_FOUND,
            LakeCode.FILE_UNREADABLE,
            LakeCode.STORE_REFUSED);

    private final Catalogs catalogs;

    public CatalogObserver(Catalogs catalogs) {
        this.catalogs = catalogs;
    }

    @Override
    public Set<LookResult> look(String table, Set<LookRequest> requests) {
        Set<LookResult> results = new HashSet<>();
        LakeTable now;
        try {
            now = catalogs.look(TableName.parse(table));
        } catch (LakeRejection e) {
            if (UNKNOWN.contains(e.lakeCode())) {
                throw outage(e);
            }
            requests.forEach(request -> results.add(missing(table, request, e)));
            return results;
        }
        LakeOutage outage = null;
        for (LookRequest request : requests) {
            try {
                results.add(new LookResult(request, present(now, request), now.schema(request.ref())));
            } catch (LakeOutage e) {
                outage = e;
            } catch (LakeRejection e) {
                if (UNKNOWN.contains(e.lakeCode())) {
                    outage = outage(e);
                } else {
                    results.add(missing(table, request, e));
                }
            }
        }
        if (outage != null && results.isEmpty()) {
            throw outage;
        }
        return results;
    }

    private static LakeOutage outage(LakeRejection unknown) {
        return new LakeOutage(LakeCode.CATALOG_UNAVAILABLE, String.valueOf(unknown.getMessage()), unknown);
    }

    private static LookResult missing(String table, LookRequest request, LakeRejection why) {
        String message = why.getMessage();
        TableLook missing = new TableLook.Missing(
                table, request.ref(), request.before(), why.code(), message == null ? why.code() : message);
        return new LookResult(request, missing, null);
    }

    private TableLook present(LakeTable table, LookRequest request) {
        KnownState before = request.before();
        if (table.metadataLocation() != null && table.metadataLocation().equals(request.metadataLocation())) {
            return unchanged(table, request);
        }
        TableChange change = catalogs.between(
                table,
                request.ref(),
                new TableState(
                        before.tableUuid(),
                        request.ref(),
                        before.snapshotId(),
                        before.schemaId(),
                        before.contentSnapshotId()),
                request.metadataLocation());
        TableState now = change.now();
        return new TableLook.Present(
                table.name().toString(),
                request.ref(),
                before,
                new KnownState(now.uuid(), now.snapshotId(), now.schemaId(), now.contentSnapshotId()),
                kind(change.kind()),
                change.contentChanged(),
                table.metadataLocation(),
                table.location(),
                change.committed().map(Micros::of).orElse(null));
    }

    /// Metadata files never change, so the table is as it was known, and its history need not be walked.
    private static TableLook unchanged(LakeTable table, LookRequest request) {
        return new TableLook.Present(
                table.name().toString(),
                request.ref(),
                request.before(),
                request.before(),
                CommitKind.UNKNOWN,
                false,
                table.metadataLocation(),
                table.location(),
                null);
    }

    private static CommitKind kind(ChangeKind kind) {
        return switch (kind) {
            case NONE -> CommitKind.UNKNOWN;
            case COMPACTION -> CommitKind.COMPACTION;
            case APPEND -> CommitKind.APPEND;
            case CONTENT -> CommitKind.CONTENT;
            case SCHEMA -> CommitKind.SCHEMA;
            case UNTRACEABLE -> CommitKind.UNTRACEABLE;
            case REPLACED -> CommitKind.REPLACED;
        };
    }
}
