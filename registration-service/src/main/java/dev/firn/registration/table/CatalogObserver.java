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
import org.apache.iceberg.SchemaParser;

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
            requests.forEach(request -> results.add(new LookResult(request, missing(table, request, e))));
            return results;
        }
        LakeOutage outage = null;
        for (LookRequest request : requests) {
            try {
                results.add(new LookResult(request, present(now, request)));
            } catch (LakeOutage e) {
                outage = e;
            } catch (LakeRejection e) {
                if (UNKNOWN.contains(e.lakeCode())) {
                    outage = outage(e);
                } else {
                    results.add(new LookResult(request, missing(table, request, e)));
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

    private static TableLook missing(String table, LookRequest request, LakeRejection why) {
        String message = why.getMessage();
        return new TableLook.Missing(
                table, request.ref(), request.before(), why.code(), message == null ? why.code() : message);
    }

    private TableLook present(LakeTable table, LookRequest request) {
        KnownState before = request.before();
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
                SchemaParser.toJson(table.schema(request.ref())),
                change.committed().map(Micros::of).orElse(null));
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
