package dev.firn.gateway.http;

import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Counts the requests in progress of each principal, and of each form that is open to everyone. Thread-safe.
final class InFlight {
    private final int most;
    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    InFlight(int most) {
        this.most = most;
    }

    /// Ends with the request.
    interface Slot extends AutoCloseable {
        @Override
        void close();
    }

    /// @param key the principal, or the path of the form
    /// @throws Refusal with 429 if it has too many
    Slot enter(String key) {
        int now = counts.merge(key, 1, Integer::sum);
        Slot slot = () -> counts.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
        if (now > most) {
            slot.close();
            throw Refusal.of(Code.TOO_MANY_REQUESTS, "'%s' already has %d requests in progress.".formatted(key, most));
        }
        return slot;
    }

    int all() {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }
}
