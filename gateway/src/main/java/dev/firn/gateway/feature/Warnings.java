package dev.firn.gateway.feature;

import dev.firn.events.RegistrationResult;
import dev.firn.events.Violation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The warnings of the last registration of each view that this gateway has seen. The registry does not keep them.
/// Thread-safe.
public final class Warnings {
    private static final int KEPT = 10_000;

    private final Map<String, Of> warnings = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Of> eldest) {
            return size() > KEPT;
        }
    };

    /// Of a version of a view.
    private record Of(long version, List<Violation> warnings) {}

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
        warnings.remove(view);
        warnings.put(view, latest);
    }

    /// The warnings of this version; empty if this gateway has not seen its registration.
    public synchronized Optional<List<Violation>> of(String view, long version) {
        return Optional.ofNullable(warnings.get(view))
                .filter(last -> last.version() == version)
                .map(Of::warnings);
    }
}
