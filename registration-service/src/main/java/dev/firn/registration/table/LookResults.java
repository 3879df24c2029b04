package dev.firn.registration.table;

import dev.firn.events.TableCommit;
import dev.firn.lake.TableName;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.table.TableEntry.KnownRef;
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

/// Publishes what a look showed as commits.
///
/// A result counts for a ref only if what it was compared with is still what the entry says.
final class LookResults {
    private static final Logger LOG = LoggerFactory.getLogger(LookResults.class);

    private final ProcessorContext<String, Object> context;

    LookResults(ProcessorContext<String, Object> context) {
        this.context = context;
    }

    /// Publishes each ref that differs from what is stored. The first look at a ref is not a commit.
    ///
    /// @return the entry with what is known now; unsettled if a ref differs
    TableEntry publish(String table, TableEntry entry, Set<LookResult> results) {
        Map<LookRequest, TableLook> looks = new HashMap<>();
        results.forEach(result -> looks.put(result.request(), result.look()));
        TableEntry after = entry;
        for (Map.Entry<String, KnownRef> known : entry.refs().entrySet()) {
            KnownRef before = known.getValue();
            TableLook look = looks.get(before.lookRequest(known.getKey()));
            KnownRef now =
                    switch (look) {
                        case null -> before;
                        case TableLook.Missing missing -> before.asMissing();
                        case TableLook.Present present -> before.seen(present.now(), present.metadataLocation());
                    };
            if (look instanceof TableLook.Present present
                    && !before.state().equals(KnownState.NEVER_SEEN)
                    && !before.state().equals(present.now())) {
                publish(table, present);
            }
            boolean isSame = now.missing() == before.missing() && now.state().equals(before.state());
            after = after.withRef(known.getKey(), now).unsettled(after.isUnsettled() || !isSame);
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
