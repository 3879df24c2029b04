package dev.firn.registration.standing;

import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.registration.command.TableCommand;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.standing.FollowedTable.TableRef;
import dev.firn.registration.standing.StandingEntry.SubscribedView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Subscribes a standing retrieval to the views and tables that its definition reads, and to no others. A cancelled one
/// reads nothing.
final class StandingSubscriptions {
    private final StandingSinks sinks;

    StandingSubscriptions(StandingSinks sinks) {
        this.sinks = sinks;
    }

    StandingEntry toViews(String id, StandingEntry entry) {
        StandingRetrieval record = Objects.requireNonNull(entry.record());
        Set<String> names = isCancelled(record) ? Set.of() : StandingRun.views(record.getRetrieval());
        entry.views().keySet().stream()
                .filter(view -> !names.contains(view))
                .forEach(view -> sinks.tellView(view, new ViewCommand.Unsubscribe(id)));
        names.stream()
                .filter(view -> !entry.views().containsKey(view))
                .forEach(view -> sinks.tellView(view, new ViewCommand.Subscribe(id)));
        Map<String, SubscribedView> views = new TreeMap<>();
        names.forEach(view -> views.put(view, entry.views().getOrDefault(view, SubscribedView.NOT_REPORTED)));
        return entry.withViews(views);
    }

    /// Call it whenever the definition or a view's record has changed, since a view names its table.
    StandingEntry toTables(String id, StandingEntry entry) {
        Set<TableRef> wanted = tables(entry);
        List<FollowedTable> kept = new ArrayList<>();
        for (FollowedTable table : entry.tables()) {
            if (wanted.contains(table.at())) {
                kept.add(table);
            } else {
                sinks.tellTable(
                        table.at().table(),
                        new TableCommand.Unfollow(id, table.at().ref()));
            }
        }
        for (TableRef at : wanted) {
            if (entry.table(at).isEmpty()) {
                kept.add(FollowedTable.notReported(at));
                sinks.tellTable(at.table(), new TableCommand.Follow(id, at.ref()));
            }
        }
        return entry.withTables(kept);
    }

    /// Whether [#toTables] would change the entry.
    boolean isToFollow(StandingEntry entry) {
        return !entry.tables().stream()
                .map(FollowedTable::at)
                .collect(Collectors.toSet())
                .equals(tables(entry));
    }

    private static Set<TableRef> tables(StandingEntry entry) {
        StandingRetrieval record = Objects.requireNonNull(entry.record());
        return isCancelled(record) ? Set.of() : new StandingInputs(record.getRetrieval()).tables(entry.views());
    }

    private static boolean isCancelled(StandingRetrieval record) {
        return record.getStatus() == StandingStatus.CANCELLED;
    }
}
