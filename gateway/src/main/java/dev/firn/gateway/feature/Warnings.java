package dev.firn.gateway.feature;

import dev.firn.events.RegistrationResult;
import dev.firn.events.Violation;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The warnings of the last registration of each view that this gateway has seen, at most [#KEPT] views and warnings
/// together: the eldest views go first. The registry does not keep them. Thread-safe.
public final class Warnings {
    static final int KEPT = 10_000;

    private final Map<String, Of> warnings = new LinkedHashMap<>();
    private int kept;

    /// Of a version of a view.
    private record Of(long version, List<Violation> warnings) {
        int size() {
            return 1 + warnings.size();
        }
    }

    public void arrived(RegistrationResult result) {
        Long version = result.getVersion();
        if (version == null) {
            return;
        }
        switch (result.getStatus()) {
            case REGISTERED, UPDATED, UNCHANGED ->
                keep(result.getName(), new Of(version, List.copyOf(result.getWarnings())));
            case DROPPED, VALID, REJECTED, FAILED, UNKNOWN -> {
                // nothing that the view has now
            }
        }
    }

    private synchronized void keep(String view, Of latest) {
        Of before = warnings.remove(view);
        warnings.put(view, latest);
        kept += latest.size() - (before == null ? 0 : before.size());
        Iterator<Of> eldestFirst = warnings.values().iterator();
        while (kept > KEPT) {
            kept -= eldestFirst.next().size();
            eldestFirst.remove();
        }
    }

    /// The warnings of this version; empty if this gateway has not seen its registration.
    public synchronized Optional<List<Violation>> of(String view, long version) {
        return Optional.ofNullable(warnings.get(view))
                .filter(last -> last.version() == version)
                .map(Of::warnings);
    }
}
