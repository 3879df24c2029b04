package dev.firn.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// A budget of bytes that the jobs of one worker share. Bytes are counted, not allocated: a job reserves memory before
/// it uses it, and waits or fails instead of causing an OutOfMemoryError. Thread-safe.
///
/// A job waits only for its *first* lease ([#await], first come, first served) and grows that lease without waiting
/// ([Lease#resize]). So no job waits while it holds memory, and there is no deadlock.
public final class MemoryBudget {
    private static final long POLL_NANOS = 1_000_000_000L;

    private final long bytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Condition> waiting = new ArrayDeque<>();
    private long held;

    public MemoryBudget(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("budget must be positive, got %d bytes".formatted(bytes));
        }
        this.bytes = bytes;
    }

    public long bytes() {
        return bytes;
    }

    /// The bytes that are free at this moment.
    public long available() {
        lock.lock();
        try {
            return bytes - held;
        } finally {
            lock.unlock();
        }
    }

    /// The number of jobs that wait at this moment.
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /// Reserves `wanted` bytes without waiting, or throws [BudgetExceededException] naming `what`.
    public Lease acquire(long wanted, String what) {
        lock.lock();
        try {
            reserve(wanted, what);
            return new Lease(wanted, what);
        } finally {
            lock.unlock();
        }
    }

    /// Reserves `wanted` bytes as soon as they are free and every earlier caller has its own. Throws
    /// [BudgetExceededException] at once if the whole budget is too small, or after `limit` if too few bytes became
    /// free.
    ///
    /// @param cancelled polled about every second; true ends the wait with a [CancellationException]
    public Lease await(long wanted, String what, Duration limit, BooleanSupplier cancelled)
            throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        lock.lockInterruptibly();
        try {
            if (wanted > bytes) {
                throw refusal(wanted, what);
            }
            Condition turn = lock.newCondition();
            waiting.add(turn);
            try {
                while (waiting.peek() != turn || wanted > bytes - held) {
                    long remaining = deadline - System.nanoTime();
                    if (remaining <= 0) {
                        throw refusal(wanted, what);
                    }
                    if (cancelled.getAsBoolean()) {
                        throw new CancellationException(what + " was cancelled while it waited for memory");
                    }
                    turn.awaitNanos(Math.min(remaining, POLL_NANOS));
                }
                reserve(wanted, what);
            } finally {
                waiting.remove(turn);
                wakeNext();
            }
            return new Lease(wanted, what);
        } finally {
            lock.unlock();
        }
    }

    private void reserve(long wanted, String what) {
        if (wanted < 0) {
            throw new IllegalArgumentException(
                    "%s must not ask for a negative number of bytes, got %d".formatted(what, wanted));
        }
        if (wanted > bytes - held) {
            throw refusal(wanted, what);
        }
        held += wanted;
    }

    private void release(long released) {
        held -= released;
        wakeNext();
    }

    private void wakeNext() {
        Condition next = waiting.peek();
        if (next != null) {
            next.signal();
        }
    }

    private BudgetExceededException refusal(long wanted, String what) {
        return new BudgetExceededException(
                "%s needs %d bytes; %d of the budget's %d bytes are free".formatted(what, wanted, bytes - held, bytes));
    }

    /// Bytes that stay reserved until [#close]. Thread-safe.
    public final class Lease implements AutoCloseable {
        private final String what;
        private long leased;
        private boolean closed;

        private Lease(long leased, String what) {
            this.leased = leased;
            this.what = what;
        }

        public long bytes() {
            lock.lock();
            try {
                return leased;
            } finally {
                lock.unlock();
            }
        }

        /// Changes the lease to `wanted` bytes without waiting. If they are not free, throws [BudgetExceededException]
        /// and leaves the lease as it was.
        public void resize(long wanted) {
            lock.lock();
            try {
                if (closed) {
                    throw new IllegalStateException("the lease of %s is closed".formatted(what));
                }
                if (wanted > leased) {
                    reserve(wanted - leased, what);
                } else {
                    release(leased - Math.max(0, wanted));
                }
                leased = Math.max(0, wanted);
            } finally {
                lock.unlock();
            }
        }

        /// Releases all bytes. Closing again does nothing.
        @Override
        public void close() {
            lock.lock();
            try {
                if (!closed) {
                    closed = true;
                    release(leased);
                    leased = 0;
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
