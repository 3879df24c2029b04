package dev.firn.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// Bytes that the jobs of one worker share. They are counted, not allocated: whoever is about to hold much memory
/// asks first, and waits or is refused instead of running into an OutOfMemoryError. Thread-safe.
///
/// A job waits at most for its *first* lease ([#await], first come, first served) and lets that lease grow without
/// waiting ([Lease#resize]). So no job ever waits while it holds something, and there is no deadlock.
public final class MemoryBudget {
    private static final long LOOK_NANOS = 1_000_000_000L;

    private final long bytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Condition> waiting = new ArrayDeque<>();
    private long held;

    public MemoryBudget(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("a budget of %d bytes".formatted(bytes));
        }
        this.bytes = bytes;
    }

    public long bytes() {
        return bytes;
    }

    /// What is free at this moment.
    public long available() {
        lock.lock();
        try {
            return bytes - held;
        } finally {
            lock.unlock();
        }
    }

    /// How many wait at this moment.
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /// Takes `wanted` bytes at once, or throws [BudgetExceededException] naming `what`.
    public Lease acquire(long wanted, String what) {
        lock.lock();
        try {
            take(wanted, what);
            return new Lease(wanted, what);
        } finally {
            lock.unlock();
        }
    }

    /// Takes `wanted` bytes as soon as they are free and those who came before have theirs. Throws
    /// [BudgetExceededException] at once if the budget could never hold them, and after `limit` if they did not
    /// come free.
    ///
    /// @param givenUp asked every second or so while it waits; true ends the wait by [CancellationException]
    public Lease await(long wanted, String what, Duration limit, BooleanSupplier givenUp) throws InterruptedException {
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
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        throw refusal(wanted, what);
                    }
                    if (givenUp.getAsBoolean()) {
                        throw new CancellationException(what + " is not wanted any more");
                    }
                    turn.awaitNanos(Math.min(left, LOOK_NANOS));
                }
                take(wanted, what);
            } finally {
                waiting.remove(turn);
                wakeNext();
            }
            return new Lease(wanted, what);
        } finally {
            lock.unlock();
        }
    }

    private void take(long wanted, String what) {
        if (wanted < 0) {
            throw new IllegalArgumentException("%s asks for %d bytes".formatted(what, wanted));
        }
        if (wanted > bytes - held) {
            throw refusal(wanted, what);
        }
        held += wanted;
    }

    private void giveBack(long returned) {
        held -= returned;
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

    /// Bytes of the budget that are held until [#close]. Thread-safe.
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

        /// Holds `wanted` bytes from now on instead, without waiting; if they are not free the lease stays as
        /// it was and [BudgetExceededException] is thrown.
        public void resize(long wanted) {
            lock.lock();
            try {
                if (closed) {
                    throw new IllegalStateException("the lease of %s is closed".formatted(what));
                }
                if (wanted > leased) {
                    take(wanted - leased, what);
                } else {
                    giveBack(leased - Math.max(0, wanted));
                }
                leased = Math.max(0, wanted);
            } finally {
                lock.unlock();
            }
        }

        /// Gives everything back; a second time does nothing.
        @Override
        public void close() {
            lock.lock();
            try {
                if (!closed) {
                    closed = true;
                    giveBack(leased);
                    leased = 0;
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
