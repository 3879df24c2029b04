package dev.firn.registration.table;

import static dev.firn.registration.table.TableEntry.refKey;

import dev.firn.registration.async.Steps;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.StandingCommand;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.table.TableObserver.LookRequest;
import dev.firn.registration.table.TableObserver.LookResult;
import dev.firn.registration.table.Watchers.Reader;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/// Tells the watchers of a table what a look at it showed, a bounded number at a time, each step in a transaction
/// of its own.
///
/// A watcher is told if it knows something else than the look shows. Its row then says so, and so a fan-out that is
/// lost, or begun again after a newer look, tells nobody twice. A result counts for a watcher only if what the look was
/// compared with is still what the watcher knows; whoever is left over is told by the next look.
final class FanOut {
    /// Characters of a schema in one record: up to 3 bytes each, before compression.
    private static final int MAX_PART_LENGTH = 256 * 1024;

    private final String table;
    private final Set<String> askedRefs = new HashSet<>();
    /// By what they were compared with.
    private final Map<Compared, TableLook> looks = new HashMap<>();
    /// One of each ref, for watchers that know nothing yet.
    private final Map<String, TableLook> anyLooks = new HashMap<>();

    /// With which each ref is read.
    private final Map<String, Schema> schemas = new HashMap<>();
    private final Set<String> sentSchemas = new HashSet<>();

    private @Nullable Reader last;
    private boolean isIncomplete;
    private boolean isAnotherLookDue;

    private record Compared(String refKey, KnownState before) {}

    /// @param asked what the look was asked
    /// @param results what it showed; requests without a result failed
    FanOut(String table, Set<LookRequest> asked, Set<LookResult> results) {
        this.table = table;
        asked.forEach(request -> askedRefs.add(refKey(request.ref())));
        for (LookResult result : results) {
            LookRequest request = result.request();
            looks.put(new Compared(refKey(request.ref()), request.before()), result.look());
            anyLooks.put(refKey(request.ref()), result.look());
            if (result.schema() != null) {
                schemas.put(refKey(request.ref()), result.schema());
            }
        }
    }

    /// Another watcher came after the look began.
    void missesWatchers() {
        isIncomplete = true;
    }

    /// Whether somebody may still know another state than its ref has, once all were visited.
    boolean isIncomplete() {
        return isIncomplete;
    }

    /// Whether somebody knows a state that the look was not compared with.
    boolean isAnotherLookDue() {
        return isAnotherLookDue;
    }

    /// Goes on until all watchers were visited or the step is full.
    ///
    /// @param now the table's entry
    /// @return whether all were visited
    boolean step(ProcessorContext<String, Object> context, TableEntry now, Watchers watchers, Steps.Room room) {
        last = watchers.visit(table, last, (reader, watcher) -> {
            Watcher told = tell(context, reader, watcher);
            if (told != null) {
                watchers.put(table, reader, told);
                room.take();
            }
            isIncomplete |= !now.isKnownTo(told == null ? watcher : told);
            return room.isLeft();
        });
        return last == null;
    }

    /// @return what the watcher knows now; null if it was not told anything
    private @Nullable Watcher tell(ProcessorContext<String, Object> context, Reader reader, Watcher watcher) {
        String refKey = refKey(watcher.ref());
        TableLook look = watcher.known().equals(KnownState.NEVER_SEEN)
                ? anyLooks.get(refKey)
                : looks.get(new Compared(refKey, watcher.known()));
        return switch (look) {
            case null -> {
                isAnotherLookDue |= anyLooks.containsKey(refKey);
                // a failed look must not hold back a run forever
                if (reader instanceof Reader.Standing standing && watcher.isNew() && askedRefs.contains(refKey)) {
                    tellStanding(context, standing, null, null);
                    yield new Watcher(watcher.ref(), watcher.known(), true);
                }
                yield null;
            }
            case TableLook.Missing missing -> {
                if (watcher.missing()) {
                    yield null;
                }
                tell(context, reader, missing);
                yield new Watcher(watcher.ref(), watcher.known(), true);
            }
            case TableLook.Present present -> {
                if (!watcher.missing() && present.now().equals(watcher.known())) {
                    yield null;
                }
                if (reader instanceof Reader.View && (watcher.missing() || present.changesSchema())) {
                    sendSchema(context, present);
                }
                tell(context, reader, present);
                yield new Watcher(watcher.ref(), present.now(), false);
            }
        };
    }

    private void tell(ProcessorContext<String, Object> context, Reader reader, TableLook look) {
        switch (reader) {
            case Reader.View view ->
                context.forward(
                        new Record<>(view.name(), new ViewCommand.Refresh(look), context.currentSystemTimeMs()),
                        NodeNames.TABLES_TO_VIEWS_SINK);
            case Reader.Standing standing -> {
                switch (look) {
                    case TableLook.Missing missing -> tellStanding(context, standing, null, null);
                    case TableLook.Present present ->
                        tellStanding(context, standing, present.now(), present.metadataLocation());
                }
            }
        }
    }

    /// Sends the schema to the writers of all views, in parts that fit into a record, once per look.
    private void sendSchema(ProcessorContext<String, Object> context, TableLook.Present look) {
        Schema schema = schemas.get(refKey(look.ref()));
        if (schema == null || !sentSchemas.add(refKey(look.ref()))) {
            return;
        }
        String json = SchemaParser.toJson(schema);
        int parts = Math.ceilDiv(json.length(), MAX_PART_LENGTH);
        for (int part = 0; part < parts; part++) {
            int from = part * MAX_PART_LENGTH;
            String text = json.substring(from, Math.min(json.length(), from + MAX_PART_LENGTH));
            ViewCommand command = new ViewCommand.TableSchema(
                    table,
                    look.ref(),
                    look.now().tableUuid(),
                    look.now().schemaId(),
                    new ViewCommand.TableSchema.Part(part, parts, text));
            context.forward(
                    new Record<>(table, command, context.currentSystemTimeMs()), NodeNames.TABLES_TO_VIEWS_SINK);
        }
    }

    private void tellStanding(
            ProcessorContext<String, Object> context,
            Reader.Standing standing,
            @Nullable KnownState state,
            @Nullable String metadataLocation) {
        StandingCommand moved = new StandingCommand.TableMoved(table, standing.ref(), state, metadataLocation);
        context.forward(
                new Record<>(standing.id(), moved, context.currentSystemTimeMs()), NodeNames.TABLES_TO_STANDING_SINK);
    }
}
