package dev.firn.gateway.kafka;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.avro.specific.SpecificRecord;

/// The events about one id, from where it was opened until it is closed. At most [#MAX_EVENTS] that come meanwhile, and
/// [#MAX_BYTES] of them, wait for a slow reader; beyond that the oldest are lost, and the reader is told.
/// Thread-safe; a waiting reader costs no platform thread if it is virtual.
public final class Subscription implements AutoCloseable {
    static final int MAX_EVENTS = 256;
    /// As the log counts them. Results may have 900 KiB each.
    static final int MAX_BYTES = 2 << 20;

    private static final long NONE = -1;

    private final Positions positions;
    private final Runnable onClose;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<EventLog.Entry> waiting = new ArrayDeque<>();
    private final int capacity;
    private final long capacityBytes;
    private final long start;
    private long waitingBytes;
    /// The newest event before a gap that the reader has not been told of.
    private long lost;

    /// How positions among all events are written, and the newest event that every subscription has got.
    record Positions(String gateway, LongSupplier last) {
        String id(long number) {
            return gateway + "-" + number;
        }
    }

    /// What a reader gets next.
    ///
    /// @param id the reader's position after this step: who subscribes with it gets what follows
    /// @param isGap whether events may be missing here
    /// @param event empty if none came in time, and for a gap
    public record Step(String id, boolean isGap, Optional<SpecificRecord> event) {}

    /// @param missed what came before may be lost
    /// @param start the event after which it begins
    /// @param replayed what is kept after that
    Subscription(Positions positions, boolean missed, long start, List<EventLog.Entry> replayed, Runnable onClose) {
        this.positions = positions;
        this.onClose = onClose;
        this.start = start;
        this.lost = missed ? start : NONE;
        waiting.addAll(replayed);
        this.waitingBytes = replayed.stream().mapToLong(EventLog.Entry::bytes).sum();
        this.capacity = MAX_EVENTS + replayed.size();
        this.capacityBytes = MAX_BYTES + waitingBytes;
    }

    void offer(EventLog.Entry entry) {
        lock.lock();
        try {
            waiting.addLast(entry);
            waitingBytes += entry.bytes();
            while (waiting.size() > capacity || waitingBytes > capacityBytes) {
                EventLog.Entry oldest = waiting.removeFirst();
                waitingBytes -= oldest.bytes();
                lost = oldest.number();
            }
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The position before the first step.
    public String start() {
        return positions.id(start);
    }

    /// The next event, or that there is a gap, or that none arrives within `limit`.
    public Step step(Duration limit) {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (waiting.isEmpty() && lost == NONE && left > 0) {
                left = arrived.awaitNanos(left);
            }
            return taken();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Step(start(), false, Optional.empty());
        } finally {
            lock.unlock();
        }
    }

    private Step taken() {
        if (lost != NONE) {
            Step gap = new Step(positions.id(lost), true, Optional.empty());
            lost = NONE;
            return gap;
        }
        // taken before the events: all up to here have been offered
        long caughtUp = positions.last().getAsLong();
        EventLog.Entry entry = waiting.pollFirst();
        if (entry == null) {
            return new Step(positions.id(caughtUp), false, Optional.empty());
        }
        waitingBytes -= entry.bytes();
        return new Step(positions.id(entry.number()), false, Optional.of(entry.event()));
    }

    /// The next event; empty if none arrives within `limit`. For readers that wait for one answer only.
    Optional<SpecificRecord> next(Duration limit) {
        Step step = step(limit);
        return step.isGap() ? step(limit).event() : step.event();
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
