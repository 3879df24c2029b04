package dev.firn.gateway.kafka;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The latest items, at most a given number. Thread-safe.
public final class Recent<T> {
    private final int kept;
    private final Deque<T> items = new ArrayDeque<>();

    public Recent(int kept) {
        this.kept = kept;
    }

    public synchronized void add(T item) {
        if (items.size() >= kept) {
            items.removeFirst();
        }
        items.addLast(item);
    }

    /// The newest first.
    public synchronized List<T> newestFirst() {
        return new ArrayList<>(items.reversed());
    }
}
