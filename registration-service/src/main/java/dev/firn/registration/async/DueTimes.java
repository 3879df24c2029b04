package dev.firn.registration.async;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// What a tick has to come back to, and when. One name may stand in it several times.
public final class DueTimes {
    private final Queue<Due> soonestFirst = new PriorityQueue<>(Comparator.comparingLong(Due::atMillis));

    private record Due(String name, long atMillis) {}

    public void add(String name, long atMillis) {
        soonestFirst.add(new Due(name, atMillis));
    }

    /// Takes out the name that is due soonest; null: none is due yet.
    public @Nullable String take(long nowMillis) {
        Due next = soonestFirst.peek();
        if (next == null || next.atMillis() > nowMillis) {
            return null;
        }
        soonestFirst.remove();
        return next.name();
    }
}
