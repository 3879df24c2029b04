package dev.firn.gateway.kafka;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/// The latest events in the order in which they arrived, numbered from 1, so that a stream can go on after a given one.
/// Bounded by bytes: the oldest go first. What is asked about an id costs as much as there is to answer, however much
/// is kept. Not thread-safe.
final class EventLog {
    /// What an event costs beyond its encoded value, with its places in the log and in that of an id.
    private static final int OVERHEAD_BYTES = 256;

    private final long maxBytes;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Map<String, Deque<Entry>> byId = new HashMap<>();
    private long bytes;
    private long last;

    /// @param ids what the event is about, each once
    /// @param nanos when it arrived, of [System#nanoTime]
    record Entry(long number, long nanos, SpecificRecord event, List<String> ids, int bytes) {}

    EventLog(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /// @param ids what it is about, each once
    /// @param valueBytes of the event as it was encoded
    Entry add(SpecificRecord event, List<String> ids, int valueBytes) {
        Entry entry = new Entry(++last, System.nanoTime(), event, ids, valueBytes + OVERHEAD_BYTES);
        entries.addLast(entry);
        ids.forEach(id -> byId.computeIfAbsent(id, _ -> new ArrayDeque<>(1)).addLast(entry));
        bytes += entry.bytes();
        while (bytes > maxBytes) {
            removeOldest();
        }
        return entry;
    }

    private void removeOldest() {
        Entry oldest = entries.removeFirst();
        bytes -= oldest.bytes();
        for (String id : oldest.ids()) {
            byId.computeIfPresent(id, (_, about) -> {
                about.removeFirst();
                return about.isEmpty() ? null : about;
            });
        }
    }

    long last() {
        return last;
    }

    /// The newest event that is not kept any more; 0 if all are.
    long dropped() {
        return entries.isEmpty() ? last : entries.getFirst().number() - 1;
    }

    /// What is kept about an id after an event, the oldest first.
    List<Entry> after(long number, String id) {
        Deque<Entry> found = new ArrayDeque<>();
        for (Iterator<Entry> newestFirst = about(id).descendingIterator(); newestFirst.hasNext(); ) {
            Entry entry = newestFirst.next();
            if (entry.number() <= number) {
                break;
            }
            found.addFirst(entry);
        }
        return List.copyOf(found);
    }

    /// The newest event about an id.
    Optional<Entry> newest(String id) {
        return Optional.ofNullable(about(id).peekLast());
    }

    /// Of how many ids something is kept.
    int ids() {
        return byId.size();
    }

    private Deque<Entry> about(String id) {
        return byId.getOrDefault(id, new ArrayDeque<>(0));
    }
}
