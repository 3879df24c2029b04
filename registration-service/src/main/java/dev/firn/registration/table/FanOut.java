package dev.firn.registration.table;

import static dev.firn.registration.table.TableEntry.refKey;

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
    private final String table;
    private final Set<String> askedRefs = new HashSet<>();
    /// By what they were compared with.
    private final Map<Compared, TableLook> looks = new HashMap<>();
    /// One of each ref, for watchers that know nothing yet.
    private final Map<String, TableLook> anyLooks = new HashMap<>();

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

    /// What is left of a step.
    static final class Room {
        private final int size;
        private int left;

        Room(int size) {
            this.size = size;
            this.left = size;
        }

        boolean isUsed() {
            return left < size;
        }

        boolean isLeft() {
            return left > 0;
        }
    }

    /// Goes on until all watchers were visited or the step is full.
    ///
    /// @param now the table's entry
    /// @return whether all were visited
    boolean step(ProcessorContext<String, Object> context, TableEntry now, Watchers watchers, Room room) {
        last = watchers.visit(table, last, (reader, watcher) -> {
            Watcher told = tell(context, reader, watcher);
            if (told != null) {
                watchers.put(table, reader, told);
                room.left--;
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
                // a failed look must not hold back a run for ever
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
