package dev.firn.registration.async;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// Names that a tick has to come back to, and when. A name may be in it several times.
public final class DueTimes {
    private final Queue<Due> soonestFirst = new PriorityQueue<>(Comparator.comparingLong(Due::atMillis));

    private record Due(String name, long atMillis) {}

    public void add(String name, long atMillis) {
        soonestFirst.add(new Due(name, atMillis));
    }

    /// Removes and returns the name that is due first; null if none is due yet.
    public @Nullable String take(long nowMillis) {
        Due next = soonestFirst.peek();
        if (next == null || next.atMillis() > nowMillis) {
            return null;
        }
        soonestFirst.remove();
        return next.name();
    }
}
