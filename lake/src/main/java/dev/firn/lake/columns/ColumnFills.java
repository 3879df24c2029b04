package dev.firn.lake.columns;

import dev.firn.lake.columns.ColumnCache.Use;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes columns in the background, one at a time, join columns first. Thread-safe.
///
/// While requests read, the thread rests nineteen times as long as it worked, so it takes a twentieth of one core. A
/// second after the last use it works without a rest. The queue is bounded: what does not fit is dropped, and comes
/// again with the next use.
final class ColumnFills {
    static final int MAX_WAITING = 8_192;
    private static final int REST = 19;
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Logger LOG = LoggerFactory.getLogger(ColumnFills.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Fill> join = new ArrayDeque<>();
    private final Deque<Fill> values = new ArrayDeque<>();
    private final Set<String> waiting = new HashSet<>();
    private volatile long lastUse = System.nanoTime();
    private @Nullable Thread thread;
    private boolean working;
    private boolean hurried;
    private boolean closed;

    /// @param drop called if the work is not done
    private record Fill(String name, Runnable work, Runnable drop) {}

    private interface Closing extends AutoCloseable {
        @Override
        void close();
    }

    void noteUse() {
        lastUse = System.nanoTime();
    }

    /// Adds work unless it waits already or there is no room; starts the thread at the first call.
    void add(String name, Use use, Runnable work, Runnable drop) {
        lock.lock();
        try {
            if (!closed && waiting.size() < MAX_WAITING && waiting.add(name)) {
                (use == Use.JOIN ? join : values).add(new Fill(name, work, drop));
                if (thread == null) {
                    thread = Thread.ofPlatform().name("column-cache").daemon().start(this::run);
                }
                changed.signalAll();
                return;
            }
        } finally {
            lock.unlock();
        }
        drop.run();
    }

    private void run() {
        try {
            for (Fill fill = next(); fill != null; fill = next()) {
                long began = System.nanoTime();
                try (Closing _ = fill.drop::run) {
                    fill.work.run();
                } catch (RuntimeException | Error e) {
                    LOG.atWarn().setCause(e).log("a column was not written to the cache");
                }
                rest(fill, System.nanoTime() - began);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable Fill next() throws InterruptedException {
        lock.lock();
        try {
            while (!closed && join.isEmpty() && values.isEmpty()) {
                changed.await();
            }
            if (closed) {
                return null;
            }
            working = true;
            Fill first = join.poll();
            return first == null ? values.poll() : first;
        } finally {
            lock.unlock();
        }
    }

    private void rest(Fill done, long workedNanos) throws InterruptedException {
        lock.lock();
        try {
            working = false;
            waiting.remove(done.name);
            changed.signalAll();
            long until = System.nanoTime() + REST * workedNanos;
            while (!closed && !hurried) {
                long now = System.nanoTime();
                long left = Math.min(until - now, lastUse + QUIET_NANOS - now);
                if (left <= 0) {
                    return;
                }
                changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    boolean await(Duration limit) throws InterruptedException {
        lock.lock();
        try {
            hurried = true;
            changed.signalAll();
            long left = limit.toNanos();
            while (!closed && (working || !waiting.isEmpty())) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            hurried = false;
            lock.unlock();
        }
    }

    void close() {
        Thread running;
        Deque<Fill> dropped = new ArrayDeque<>();
        lock.lock();
        try {
            closed = true;
            dropped.addAll(join);
            dropped.addAll(values);
            join.clear();
            values.clear();
            running = thread;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        dropped.forEach(fill -> fill.drop.run());
        if (running != null) {
            running.interrupt();
            try {
                running.join(TimeUnit.SECONDS.toMillis(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
