package dev.firn.registration.table;

import dev.firn.registration.state.NodeNames;
import java.util.function.BiPredicate;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// Who watches which table: one row each, so that a change of one does not rewrite the others.
///
/// A key is the table, a line feed, which no table's name can have, and the [Reader].
final class Watchers {
    private static final char SEPARATOR = '\n';
    private static final char AFTER_SEPARATOR = SEPARATOR + 1;

    private final KeyValueStore<String, Watcher> store;

    Watchers(ProcessorContext<String, Object> context) {
        this.store = context.getStateStore(NodeNames.WATCHERS_STORE);
    }

    /// Who reads a table.
    sealed interface Reader {
        record View(String name) implements Reader {}

        record Standing(String id, @Nullable String ref) implements Reader {}

        private String key() {
            return switch (this) {
                case View view -> "view " + view.name();
                case Standing standing -> "standing " + standing.id() + " " + TableEntry.refKey(standing.ref());
            };
        }

        private static Reader of(String key) {
            String[] words = key.split(" ", 3); // a ref may have spaces
            return words[0].equals("view") ? new View(words[1]) : new Standing(words[1], TableEntry.ref(words[2]));
        }
    }

    @Nullable
    Watcher find(String table, Reader reader) {
        return store.get(key(table, reader));
    }

    void put(String table, Reader reader, Watcher watcher) {
        store.put(key(table, reader), watcher);
    }

    void remove(String table, Reader reader) {
        store.delete(key(table, reader));
    }

    /// Calls `visit` with the table's watchers in the order of their keys until it returns false.
    ///
    /// @param after where to continue; null to begin
    /// @return the reader visited last, if `visit` returned false; null if there are no more
    @Nullable
    Reader visit(String table, @Nullable Reader after, BiPredicate<Reader, Watcher> visit) {
        String from = after == null ? table + SEPARATOR : key(table, after) + '\0';
        try (KeyValueIterator<String, Watcher> rows = store.range(from, table + AFTER_SEPARATOR)) {
            while (rows.hasNext()) {
                var row = rows.next();
                Reader reader = Reader.of(row.key.substring(table.length() + 1));
                if (!visit.test(reader, row.value)) {
                    return reader;
                }
            }
        }
        return null;
    }

    private static String key(String table, Reader reader) {
        return table + SEPARATOR + reader.key();
    }
}
