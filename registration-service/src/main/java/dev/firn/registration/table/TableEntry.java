package dev.firn.registration.table;

import dev.firn.registration.command.KnownState;
import dev.firn.registration.table.TableObserver.LookRequest;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The state of a watched table.
///
/// @param refs each watched ref as last seen, by ref key
/// @param watchers the views that read the table, by name
public record TableEntry(Map<String, KnownRef> refs, Map<String, Watcher> watchers) {
    static final TableEntry NEW = new TableEntry(Map.of(), Map.of());
    /// Key of the main branch.
    private static final String MAIN = "";

    public TableEntry {
        refs = Map.copyOf(Objects.requireNonNullElse(refs, Map.of()));
        watchers = Map.copyOf(Objects.requireNonNullElse(watchers, Map.of()));
    }

    /// @param missing whether the catalog said that it does not exist; `state` is then its last state
    /// @param metadataLocation the table's metadata file at that state; null if not known
    record KnownRef(
            KnownState state, boolean missing, @Nullable String metadataLocation) {
        KnownRef asMissing() {
            return new KnownRef(state, true, metadataLocation);
        }

        LookRequest lookRequest(String refKey) {
            return new LookRequest(ref(refKey), state, metadataLocation);
        }
    }

    /// @param known the state that the view's record has, or will have once it handles what it was told
    /// @param missing whether the view was told that the table or ref does not exist
    record Watcher(@Nullable String ref, KnownState known, boolean missing) {}

    static String refKey(@Nullable String ref) {
        return ref == null ? MAIN : ref;
    }

    static @Nullable String ref(String refKey) {
        return refKey.equals(MAIN) ? null : refKey;
    }

    TableEntry withWatcher(String view, @Nullable String ref, KnownState known, @Nullable String metadataLocation) {
        Map<String, Watcher> more = new TreeMap<>(watchers);
        more.put(view, new Watcher(ref, known, false));
        Map<String, KnownRef> seen = new TreeMap<>(refs);
        seen.putIfAbsent(refKey(ref), new KnownRef(known, false, metadataLocation));
        return new TableEntry(seen, more).withoutIdleRefs();
    }

    /// What to ask the catalog for a watcher; with the metadata file of its ref if both are at the same state.
    LookRequest lookRequest(Watcher watcher) {
        KnownRef seen = refs.get(refKey(watcher.ref()));
        return new LookRequest(
                watcher.ref(),
                watcher.known(),
                seen != null && seen.state().equals(watcher.known()) ? seen.metadataLocation() : null);
    }

    TableEntry withoutWatcher(String view) {
        Map<String, Watcher> fewer = new TreeMap<>(watchers);
        fewer.remove(view);
        return new TableEntry(refs, fewer).withoutIdleRefs();
    }

    TableEntry withRef(String refKey, KnownRef seen) {
        Map<String, KnownRef> changed = new TreeMap<>(refs);
        changed.put(refKey, seen);
        return new TableEntry(changed, watchers);
    }

    TableEntry withWatcher(String view, Watcher watcher) {
        Map<String, Watcher> changed = new TreeMap<>(watchers);
        changed.put(view, watcher);
        return new TableEntry(refs, changed);
    }

    private TableEntry withoutIdleRefs() {
        Map<String, KnownRef> kept = new TreeMap<>(refs);
        kept.keySet()
                .removeIf(refKey -> watchers.values().stream()
                        .noneMatch(watcher -> refKey(watcher.ref()).equals(refKey)));
        return new TableEntry(kept, watchers);
    }
}
