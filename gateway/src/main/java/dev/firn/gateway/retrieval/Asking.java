package dev.firn.gateway.retrieval;

import java.util.LinkedHashMap;
import java.util.Map;

/// Who has asked for which request through this gateway, lately. Thread-safe.
final class Asking {
    private static final int KEPT = 10_000;

    private final Map<String, String> principals = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > KEPT;
        }
    };

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
