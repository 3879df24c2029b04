package dev.firn.registration.table;

import dev.firn.registration.hint.Hint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Which watched tables a hint can mean: by name, and by the folder of the metadata files that are known of
/// them. In memory only; owned by the stream thread.
final class HintTargets {
    private final Map<Object, Set<String>> tables = new HashMap<>();
    private final Map<String, Set<Object>> keys = new HashMap<>();

    private record Folder(String location) {}

    void put(String table, TableEntry entry) {
        Set<Object> now = new HashSet<>();
        now.add(Hint.named(table));
        entry.refs().values().forEach(ref -> {
            if (ref.metadataLocation() != null) {
                now.add(new Folder(Hint.Written.at(ref.metadataLocation()).folder()));
            }
        });
        if (now.equals(keys.get(table))) {
            return;
        }
        remove(table);
        keys.put(table, now);
        now.forEach(key -> tables.computeIfAbsent(key, _ -> new HashSet<>()).add(table));
    }

    void remove(String table) {
        Set<Object> before = keys.remove(table);
        if (before != null) {
            before.forEach(key -> tables.computeIfPresent(key, (_, all) -> {
                all.remove(table);
                return all.isEmpty() ? null : all;
            }));
        }
    }

    Set<String> of(Hint hint) {
        Object key =
                switch (hint) {
                    case Hint.Named named -> named;
                    case Hint.Written written -> new Folder(written.folder());
                };
        return Set.copyOf(tables.getOrDefault(key, Set.of()));
    }
}
