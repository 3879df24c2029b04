package dev.firn.registration.table;

import dev.firn.events.TableCommit;
import dev.firn.lake.TableName;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.table.TableEntry.KnownRef;
import dev.firn.registration.table.TableEntry.Watcher;
import dev.firn.registration.table.TableObserver.LookRequest;
import dev.firn.registration.table.TableObserver.LookResult;
import dev.firn.schemas.Micros;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Applies what a look showed: publishes commits and tells views.
///
/// A result counts for a ref or a view only if what it was compared with is still what the entry says.
final class LookResults {
    private static final Logger LOG = LoggerFactory.getLogger(LookResults.class);

    private final ProcessorContext<String, Object> context;

    LookResults(ProcessorContext<String, Object> context) {
        this.context = context;
    }

    /// @return the entry with what is known now
    TableEntry apply(String table, TableEntry entry, Set<LookResult> results) {
        Map<LookRequest, TableLook> looks = new HashMap<>();
        results.forEach(result -> looks.put(result.request(), result.look()));
        return tellViews(entry, publish(table, entry, looks), looks);
    }

    /// Publishes each ref that differs from what is stored.
    private TableEntry publish(String table, TableEntry entry, Map<LookRequest, TableLook> looks) {
        TableEntry after = entry;
        for (Map.Entry<String, KnownRef> known : entry.refs().entrySet()) {
            KnownRef before = known.getValue();
            TableLook look = looks.get(before.lookRequest(known.getKey()));
            switch (look) {
                case null -> {}
                case TableLook.Missing missing -> after = after.withRef(known.getKey(), before.asMissing());
                case TableLook.Present present -> {
                    if (!present.now().equals(before.state())) {
                        publish(table, present);
                    }
                    after = after.withRef(
                            known.getKey(), new KnownRef(present.now(), false, present.metadataLocation()));
                }
            }
        }
        return after;
    }

    private void publish(String table, TableLook.Present look) {
        context.forward(new Record<>(table, commit(look), context.currentSystemTimeMs()), NodeNames.TABLE_COMMITS_SINK);
        LOG.atInfo()
                .addKeyValue("table", table)
                .addKeyValue("snapshotId", look.now().snapshotId())
                .addKeyValue("kind", look.kind())
                .log("commit published");
    }

    /// Tells each view whose record differs from the catalog.
    private TableEntry tellViews(TableEntry entry, TableEntry published, Map<LookRequest, TableLook> looks) {
        TableEntry after = published;
        for (Map.Entry<String, Watcher> watching : entry.watchers().entrySet()) {
            String view = watching.getKey();
            Watcher watcher = watching.getValue();
            TableLook look = looks.get(entry.lookRequest(watcher));
            switch (look) {
                case null -> {}
                case TableLook.Missing missing -> {
                    if (!watcher.missing()) {
                        tellView(view, missing);
                        after = after.withWatcher(view, new Watcher(watcher.ref(), watcher.known(), true));
                    }
                }
                case TableLook.Present present -> {
                    KnownState now = present.now();
                    if (watcher.missing() || !now.equals(watcher.known())) {
                        tellView(view, present);
                        after = after.withWatcher(view, new Watcher(watcher.ref(), now, false));
                    }
                }
            }
        }
        return after;
    }

    private void tellView(String view, TableLook look) {
        context.forward(
                new Record<>(view, new ViewCommand.Refresh(look), context.currentSystemTimeMs()),
                NodeNames.TABLES_TO_VIEWS_SINK);
    }

    private TableCommit commit(TableLook.Present look) {
        TableName name = TableName.parse(look.table());
        Long committedAt = look.committedAtMicros();
        return TableCommit.newBuilder()
                .setCatalog(name.catalog())
                .setSchema$(name.schema())
                .setTableName(name.table())
                .setRef(look.ref())
                .setKind(look.kind())
                .setTableUuid(look.now().tableUuid())
                .setSnapshotId(look.now().snapshotId())
                .setPreviousSnapshotId(look.before().snapshotId())
                .setSchemaId(look.now().schemaId())
                .setContentChanged(look.contentChanged())
                .setMetadataLocation(look.metadataLocation())
                .setCommittedAt(committedAt == null ? null : Micros.instant(committedAt))
                .setObservedAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
                .build();
    }
}
