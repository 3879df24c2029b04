package dev.firn.embedded;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// How often a part may be started again, and after which pause. The pause doubles with each restart within the window.
/// Not thread-safe.
final class RestartLimit {
    /// Restarts of one part within [#WINDOW]; one more death is one too many.
    static final int MAX_RESTARTS = 5;

    static final Duration WINDOW = Duration.ofMinutes(10);
    static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    private final Map<String, Deque<Instant>> restarts = new HashMap<>();

    /// The pause before a part is started again; empty if it has died too often. Counts as a restart.
    Optional<Duration> next(String part, Instant now) {
        Deque<Instant> recent = restarts.computeIfAbsent(part, name -> new ArrayDeque<>());
        while (!recent.isEmpty() && !recent.getFirst().plus(WINDOW).isAfter(now)) {
            recent.removeFirst();
        }
        if (recent.size() == MAX_RESTARTS) {
            return Optional.empty();
        }
        Duration pause = FIRST_PAUSE.multipliedBy(1L << recent.size());
        recent.addLast(now);
        return Optional.of(pause);
    }
}
