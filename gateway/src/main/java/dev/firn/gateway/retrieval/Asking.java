package dev.firn.gateway.retrieval;

import dev.firn.events.RetrievalProgress;
import dev.firn.schemas.FirnHeaders;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.header.Headers;

/// Who has asked for which request, lately: through this gateway, and as workers say who are at work. The worker counts
/// more, because somebody else may have used the same id elsewhere. Thread-safe.
public final class Asking {
    private static final int KEPT = 10_000;

    private final Map<String, String> sent = new Latest<>();
    private final Map<String, Begun> begun = new Latest<>();
    private final Map<String, Long> positions = new Latest<>();

    private record Begun(int attempt, String principal) {}

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

    /// The first one to use an id keeps it, unless a worker says otherwise.
    synchronized void sent(String id, String principal) {
        sent.putIfAbsent(id, principal);
    }

    /// A worker is at work on the request of whom its header names. The lowest attempt counts: whoever else uses the id
    /// is given a later one.
    public synchronized void arrived(RetrievalProgress step, Headers headers) {
        FirnHeaders.text(headers, FirnHeaders.PRINCIPAL)
                .ifPresent(principal -> begun.merge(
                        step.getRequestId(),
                        new Begun(step.getAttempt(), principal),
                        (known, heard) -> heard.attempt < known.attempt ? heard : known));
    }

    synchronized boolean isKnown(String id) {
        return sent.containsKey(id) || begun.containsKey(id);
    }

    synchronized boolean isBy(String id, String principal) {
        Begun known = begun.get(id);
        return principal.equals(known == null ? sent.get(id) : known.principal);
    }
}
