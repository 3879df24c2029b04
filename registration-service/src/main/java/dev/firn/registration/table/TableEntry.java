package dev.firn.registration.table;

import dev.firn.registration.command.KnownState;
import dev.firn.registration.table.TableObserver.LookRequest;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The state of a watched table. [Watchers] has a row for each of its watchers.
///
/// @param refs each watched ref as last seen, by ref key
/// @param watchers the views that read the table, by name, as older versions kept them; empty since
/// @param isUnsettled whether a watcher may know another state than its ref has
public record TableEntry(Map<String, KnownRef> refs, Map<String, Watcher> watchers, boolean isUnsettled) {
    static final TableEntry NEW = new TableEntry(Map.of(), Map.of(), false);
    /// Key of the main branch.
    private static final String MAIN = "";

    public TableEntry {
        refs = Map.copyOf(Objects.requireNonNullElse(refs, Map.of()));
        watchers = Map.copyOf(Objects.requireNonNullElse(watchers, Map.of()));
    }

    /// @param missing whether the catalog said that it does not exist; `state` is then its last state
    /// @param metadataLocation the table's metadata file at that state; null if not known
    /// @param watchers how many watch this ref
    record KnownRef(
            KnownState state, boolean missing, @Nullable String metadataLocation, int watchers) {
        KnownRef asMissing() {
            return new KnownRef(state, true, metadataLocation, watchers);
        }

        KnownRef seen(KnownState now, String location) {
            return new KnownRef(now, false, location, watchers);
        }

        private KnownRef watchedBy(int more) {
            return new KnownRef(state, missing, metadataLocation, watchers + more);
        }

        LookRequest lookRequest(String refKey) {
            return new LookRequest(ref(refKey), state, metadataLocation);
        }
    }

    static String refKey(@Nullable String ref) {
        return ref == null ? MAIN : ref;
    }

    static @Nullable String ref(String refKey) {
        return refKey.equals(MAIN) ? null : refKey;
    }

    /// With another watcher. What it knows is what is known of a ref that nobody has looked at.
    TableEntry withWatcher(Watcher watcher, @Nullable String metadataLocation) {
        String refKey = refKey(watcher.ref());
        KnownRef seen = refs.get(refKey);
        // who watches it already believes that it is missing
        boolean wasMissing = seen != null && seen.missing();
        if (seen == null || seen.state().equals(KnownState.NEVER_SEEN)) {
            seen = new KnownRef(watcher.known(), false, metadataLocation, seen == null ? 0 : seen.watchers());
        }
        boolean isBehind = wasMissing || watcher.isNew() || !seen.state().isAtSameHead(watcher.known());
        return withRef(refKey, seen.watchedBy(1)).unsettled(isUnsettled || isBehind);
    }

    /// Without a watcher, and without the ref if nobody else watches it.
    TableEntry withoutWatcher(Watcher watcher) {
        String refKey = refKey(watcher.ref());
        KnownRef seen = refs.get(refKey);
        if (seen == null) {
            return this;
        }
        Map<String, KnownRef> kept = new TreeMap<>(refs);
        if (seen.watchers() > 1) {
            kept.put(refKey, seen.watchedBy(-1));
        } else {
            kept.remove(refKey);
        }
        return new TableEntry(kept, watchers, isUnsettled);
    }

    /// Whether the watcher knows what is known of its ref. Which snapshot changed its rows last may differ for ever,
    /// because it depends on what the first look could still see.
    boolean isKnownTo(Watcher watcher) {
        KnownRef seen = refs.get(refKey(watcher.ref()));
        return seen != null
                && seen.missing() == watcher.missing()
                && seen.state().isAtSameHead(watcher.known());
    }

    boolean isWatched() {
        return !refs.isEmpty();
    }

    /// What to ask the catalog for a watcher; with the metadata file of its ref if both are at the same state.
    LookRequest lookRequest(Watcher watcher) {
        KnownRef seen = refs.get(refKey(watcher.ref()));
        if (seen != null
                && (watcher.known().equals(KnownState.NEVER_SEEN)
                        || watcher.known().equals(seen.state()))) {
            return seen.lookRequest(refKey(watcher.ref()));
        }
        return new LookRequest(watcher.ref(), watcher.known(), null);
    }

    TableEntry withRef(String refKey, KnownRef seen) {
        Map<String, KnownRef> changed = new TreeMap<>(refs);
        changed.put(refKey, seen);
        return new TableEntry(changed, watchers, isUnsettled);
    }

    TableEntry unsettled(boolean is) {
        return new TableEntry(refs, watchers, is);
    }

    TableEntry withoutOldWatchers() {
        return new TableEntry(refs, Map.of(), isUnsettled);
    }
}
