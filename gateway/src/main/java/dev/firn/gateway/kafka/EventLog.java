package dev.firn.gateway.kafka;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/// The latest events in the order in which they arrived, numbered from 1, so that a stream can go on after a given one.
/// Bounded by bytes: the oldest go first. Not thread-safe.
final class EventLog {
    /// What an event costs beyond its encoded value.
    private static final int OVERHEAD_BYTES = 256;

    private final long maxBytes;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private long bytes;
    private long last;

    /// @param ids what the event is about
    /// @param nanos when it arrived, of [System#nanoTime]
    record Entry(long number, long nanos, SpecificRecord event, List<String> ids, int bytes) {}

    EventLog(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /// @param valueBytes of the event as it was encoded
    Entry add(SpecificRecord event, List<String> ids, int valueBytes) {
        Entry entry = new Entry(++last, System.nanoTime(), event, ids, valueBytes + OVERHEAD_BYTES);
        entries.addLast(entry);
        bytes += entry.bytes();
        while (bytes > maxBytes) {
            bytes -= entries.removeFirst().bytes();
        }
        return entry;
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
        return entries.stream()
                .filter(entry -> entry.number() > number && entry.ids().contains(id))
                .toList();
    }

    /// The newest event about an id.
    Optional<Entry> newest(String id) {
        for (Iterator<Entry> newestFirst = entries.descendingIterator(); newestFirst.hasNext(); ) {
            Entry entry = newestFirst.next();
            if (entry.ids().contains(id)) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }
}
