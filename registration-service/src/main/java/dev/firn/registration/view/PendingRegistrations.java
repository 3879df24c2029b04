package dev.firn.registration.view;

import dev.firn.registration.command.ViewCommand;
import dev.firn.service.event.EventSize;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// The unanswered registrations of one partition, in order per view, in a store keyed (view, sequence). Counts are kept
/// in memory, so that limits need no scan.
final class PendingRegistrations {
    private static final String KEY = "%s/%019d";

    private final KeyValueStore<String, PendingRegistration> store;
    private final Map<String, Integer> countByView = new HashMap<>();
    private int count;
    private long bytes;

    /// Reads the whole store once, to count what an earlier incarnation left there.
    PendingRegistrations(KeyValueStore<String, PendingRegistration> store) {
        this.store = store;
        try (KeyValueIterator<String, PendingRegistration> all = store.all()) {
            while (all.hasNext()) {
                var next = all.next();
                adjust(next.key.substring(0, next.key.lastIndexOf('/')), 1, next.value);
            }
        }
    }

    record Head(long sequence, PendingRegistration registration) {}

    int count() {
        return count;
    }

    /// Bytes of all requests.
    long bytes() {
        return bytes;
    }

    int count(String view) {
        return countByView.getOrDefault(view, 0);
    }

    Set<String> views() {
        return Set.copyOf(countByView.keySet());
    }

    void add(String view, long sequence, PendingRegistration registration) {
        store.put(KEY.formatted(view, sequence), registration);
        adjust(view, 1, registration);
    }

    void replace(String view, long sequence, PendingRegistration registration) {
        store.put(KEY.formatted(view, sequence), registration);
    }

    void remove(String view, long sequence) {
        PendingRegistration removed = store.delete(KEY.formatted(view, sequence));
        if (removed != null) {
            adjust(view, -1, removed);
        }
    }

    @Nullable
    Head head(String view) {
        if (count(view) == 0) {
            return null;
        }
        try (KeyValueIterator<String, PendingRegistration> entries =
                store.range(KEY.formatted(view, 0), KEY.formatted(view, Long.MAX_VALUE))) {
            if (!entries.hasNext()) {
                return null;
            }
            var first = entries.next();
            return new Head(Long.parseLong(first.key.substring(first.key.lastIndexOf('/') + 1)), first.value);
        }
    }

    /// Whether a request with this id and digest waits. Scans the view's requests.
    boolean contains(String view, String requestId, String digest) {
        if (count(view) == 0) {
            return false;
        }
        try (KeyValueIterator<String, PendingRegistration> entries =
                store.range(KEY.formatted(view, 0), KEY.formatted(view, Long.MAX_VALUE))) {
            while (entries.hasNext()) {
                ViewCommand.Register waiting = entries.next().value.command();
                if (waiting.request().getRequestId().equals(requestId)
                        && waiting.digest().equals(digest)) {
                    return true;
                }
            }
        }
        return false;
    }

    private void adjust(String view, int change, PendingRegistration registration) {
        bytes += (long) change * EventSize.of(registration.command().request());
        count += change;
        countByView.merge(view, change, (before, by) -> before + by == 0 ? null : before + by);
    }
}
