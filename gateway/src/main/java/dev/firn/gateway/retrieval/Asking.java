package dev.firn.gateway.retrieval;

import java.util.LinkedHashMap;
import java.util.Map;

/// Who has asked for which request through this gateway, lately. Thread-safe.
final class Asking {
    private static final int KEPT = 10_000;

    private final Map<String, String> principals = new Latest<>();
    private final Map<String, Long> positions = new Latest<>();

    private static final class Latest<V> extends LinkedHashMap<String, V> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > KEPT;
        }
    }

    /// A request is about to be sent: failures up to that event are answers to an earlier one.
    synchronized void asks(String id, long lastEvent) {
        positions.put(id, lastEvent);
    }

    /// The event after which the request was sent last; 0 if that is not known.
    synchronized long askedAfter(String id) {
        return positions.getOrDefault(id, 0L);
    }

    /// The first one to use an id keeps it.
    synchronized void sent(String id, String principal) {
        principals.putIfAbsent(id, principal);
    }

    synchronized boolean isKnown(String id) {
        return principals.containsKey(id);
    }

    synchronized boolean isBy(String id, String principal) {
        return principal.equals(principals.get(id));
    }
}
