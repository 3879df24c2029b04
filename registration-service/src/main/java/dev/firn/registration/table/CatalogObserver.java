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
import java.util.HashSet;
import java.util.Set;
import org.apache.iceberg.SchemaParser;

/// Looks at tables in their Iceberg catalogs. A ref that cannot be looked at for an outage is left out where
/// others could be: the next look makes up for it.
public final class CatalogObserver implements TableObserver {
    private final Catalogs catalogs;

    public CatalogObserver(Catalogs catalogs) {
        this.catalogs = catalogs;
    }

    @Override
    public Set<LookResult> look(String table, Set<LookRequest> asked) {
        Set<LookResult> seen = new HashSet<>();
        LakeTable now;
        try {
            now = catalogs.load(TableName.parse(table));
        } catch (LakeRejection e) {
            asked.forEach(one -> seen.add(new LookResult(one, missing(table, one, e))));
            return seen;
        }
        LakeOutage outage = null;
        for (LookRequest one : asked) {
            try {
                seen.add(new LookResult(one, present(now, one)));
            } catch (LakeOutage e) {
                outage = e;
            } catch (LakeRejection e) {
                if (e.lakeCode() != LakeCode.REF_NOT_FOUND) {
                    throw e;
                }
                seen.add(new LookResult(one, missing(table, one, e)));
            }
        }
        if (outage != null && seen.isEmpty()) {
            throw outage;
        }
        return seen;
    }

    private static TableLook missing(String table, LookRequest asked, LakeRejection why) {
        String message = why.getMessage();
        return new TableLook.Missing(
                table, asked.ref(), asked.before(), why.code(), message == null ? why.code() : message);
    }

    private TableLook present(LakeTable table, LookRequest asked) {
        KnownState before = asked.before();
        TableChange change = catalogs.between(
                table,
                asked.ref(),
                new TableState(
                        before.tableUuid(),
                        asked.ref(),
                        before.snapshotId(),
                        before.schemaId(),
                        before.contentSnapshotId()),
                asked.metadataLocation());
        TableState now = change.now();
        return new TableLook.Present(
                table.name().toString(),
                asked.ref(),
                before,
                new KnownState(now.uuid(), now.snapshotId(), now.schemaId(), now.contentSnapshotId()),
                kind(change.kind()),
                change.contentChanged(),
                table.metadataLocation(),
                table.location(),
                SchemaParser.toJson(table.schema(asked.ref())),
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
