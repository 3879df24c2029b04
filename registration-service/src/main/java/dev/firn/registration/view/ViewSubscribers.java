package dev.firn.registration.view;

import dev.firn.registration.async.Steps;
import dev.firn.registration.command.StandingCommand;
import dev.firn.registration.state.NodeNames;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/// The standing retrievals that read each view: one row each, so that a change of one does not rewrite the others.
///
/// They are told about a change of the view a bounded number at a time, so that no transaction grows with their number.
/// The view's entry says how far that has come, so a restart goes on from there, and another change begins anew. A view
/// that has just changed takes a step of its own; those that are not done share one.
final class ViewSubscribers {
    private static final char SEPARATOR = '\n';
    private static final char AFTER_SEPARATOR = SEPARATOR + 1;
    private static final String BEGINNING = "";

    private final ProcessorContext<String, Object> context;
    private final KeyValueStore<String, ViewEntry> views;
    private final KeyValueStore<String, Subscriber> rows;
    private final Steps steps;
    /// Views whose subscribers are not all told yet.
    private final Set<String> telling = new LinkedHashSet<>();

    /// @param perStep how many are told in one step
    ViewSubscribers(ProcessorContext<String, Object> context, int perStep) {
        this.context = context;
        this.views = context.getStateStore(NodeNames.VIEWS_STORE);
        this.rows = context.getStateStore(NodeNames.SUBSCRIBERS_STORE);
        this.steps = new Steps(perStep, Duration.ZERO);
    }

    /// Continues what an earlier incarnation left.
    void resume(String view, ViewEntry entry) {
        if (entry.toldUpTo() != null) {
            telling.add(view);
        }
    }

    void add(String view, String standingId) {
        split(view);
        rows.put(key(view, standingId), new Subscriber(standingId));
        tell(view, ViewEntry.in(views, view), standingId);
    }

    void remove(String view, String standingId) {
        split(view);
        rows.delete(key(view, standingId));
    }

    boolean isRead(String view) {
        split(view);
        try (KeyValueIterator<String, Subscriber> all = after(view, BEGINNING)) {
            return all.hasNext();
        }
    }

    /// Begins to tell the view's record, which has just been stored.
    void tellAll(String view, ViewEntry stored) {
        step(view, splitOf(view, stored), BEGINNING, steps.begin());
    }

    /// Another step, for as many views as it has room for. Those that are not done then wait behind the others.
    void tick(long now) {
        if (telling.isEmpty() || !steps.mayBegin(now)) {
            return;
        }
        Steps.Room room = steps.begin();
        for (String view : List.copyOf(telling)) {
            if (!room.isLeft()) {
                break;
            }
            ViewEntry entry = ViewEntry.in(views, view);
            step(view, entry, Objects.requireNonNullElse(entry.toldUpTo(), BEGINNING), room);
        }
        steps.ended(room, now);
    }

    private void step(String view, ViewEntry entry, String from, Steps.Room room) {
        String last = from;
        boolean isDone = true;
        try (KeyValueIterator<String, Subscriber> all = after(view, from)) {
            while (all.hasNext()) {
                if (!room.isLeft()) {
                    isDone = false;
                    break;
                }
                room.take();
                last = all.next().value.standingId();
                tell(view, entry, last);
            }
        }
        String toldUpTo = isDone ? null : last;
        if (!Objects.equals(toldUpTo, entry.toldUpTo())) {
            views.put(view, entry.withToldUpTo(toldUpTo));
        }
        telling.remove(view);
        if (!isDone) {
            telling.add(view);
        }
    }

    private void tell(String view, ViewEntry entry, String standingId) {
        context.forward(
                new Record<>(
                        standingId,
                        new StandingCommand.ViewChanged(view, entry.record()),
                        context.currentSystemTimeMs()),
                NodeNames.VIEWS_TO_STANDING_SINK);
    }

    private void split(String view) {
        splitOf(view, ViewEntry.in(views, view));
    }

    /// Makes rows of the subscribers that an older version kept in the view's entry.
    ///
    /// @return the entry without them
    private ViewEntry splitOf(String view, ViewEntry entry) {
        if (entry.standing().isEmpty()) {
            return entry;
        }
        entry.standing().forEach(id -> rows.put(key(view, id), new Subscriber(id)));
        ViewEntry without = entry.withoutOldSubscribers();
        views.put(view, without);
        return without;
    }

    private KeyValueIterator<String, Subscriber> after(String view, String standingId) {
        String from = standingId.equals(BEGINNING) ? view + SEPARATOR : key(view, standingId) + '\0';
        return rows.range(from, view + AFTER_SEPARATOR);
    }

    private static String key(String view, String standingId) {
        return view + SEPARATOR + standingId;
    }
}
