package dev.firn.gateway.kafka;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;

/// The events about one id, from when it was opened until it is closed. Keeps at most [#MAX_EVENTS]; a reader that is
/// slower than that loses the oldest ones. Thread-safe; a waiting reader costs no platform thread if it is virtual.
public final class Subscription implements AutoCloseable {
    static final int MAX_EVENTS = 256;

    private final Runnable onClose;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<SpecificRecord> events = new ArrayDeque<>();

    Subscription(Runnable onClose) {
        this.onClose = onClose;
    }

    void offer(SpecificRecord event) {
        lock.lock();
        try {
            if (events.size() >= MAX_EVENTS) {
                events.removeFirst();
            }
            events.addLast(event);
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The next event; empty if none arrives within `limit`.
    public Optional<SpecificRecord> next(Duration limit) {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (events.isEmpty() && left > 0) {
                left = arrived.awaitNanos(left);
            }
            return Optional.ofNullable(events.pollFirst());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /// The first value that `pick` takes from an event; empty if there is none within `limit`.
    public <A> Optional<A> await(Duration limit, Function<SpecificRecord, Optional<A>> pick) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            long left = deadline - System.nanoTime();
            Optional<SpecificRecord> event = next(Duration.ofNanos(Math.max(0, left)));
            Optional<A> picked = event.flatMap(pick);
            if (picked.isPresent() || event.isEmpty()) {
                return picked;
            }
        }
    }

    @Override
    public void close() {
        onClose.run();
    }
}
