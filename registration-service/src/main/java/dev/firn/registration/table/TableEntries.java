package dev.firn.registration.table;

import dev.firn.registration.hint.Hint;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.table.Watchers.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// The entries of watched tables. One that an older version wrote, with all of its watchers inside, is split into rows
/// when it is first read.
final class TableEntries {
    private final KeyValueStore<String, TableEntry> store;
    private final Watchers watchers;
    private final HintTargets targets = new HintTargets();

    TableEntries(ProcessorContext<String, Object> context, Watchers watchers) {
        this.store = context.getStateStore(NodeNames.TABLES_STORE);
        this.watchers = watchers;
        try (KeyValueIterator<String, TableEntry> all = store.all()) {
            all.forEachRemaining(next -> targets.put(next.key, next.value));
        }
    }

    List<String> names() {
        List<String> names = new ArrayList<>();
        try (KeyValueIterator<String, TableEntry> all = store.all()) {
            all.forEachRemaining(next -> names.add(next.key));
        }
        return names;
    }

    /// The tables that another system may mean.
    Set<String> meantBy(Hint hint) {
        return targets.of(hint);
    }

    @Nullable
    TableEntry find(String table) {
        TableEntry entry = store.get(table);
        return entry == null || entry.watchers().isEmpty() ? entry : split(table, entry);
    }

    void put(String table, TableEntry entry) {
        store.put(table, entry);
        targets.put(table, entry);
    }

    void remove(String table) {
        store.delete(table);
        targets.remove(table);
    }

    private TableEntry split(String table, TableEntry old) {
        TableEntry entry = old.withoutOldWatchers().unsettled(true);
        for (Map.Entry<String, Watcher> watcher : old.watchers().entrySet()) {
            watchers.put(table, new Reader.View(watcher.getKey()), watcher.getValue());
            entry = entry.withWatcher(watcher.getValue(), null);
        }
        put(table, entry);
        return entry;
    }
}
