package dev.firn.retrieval.job.values;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.MemoryBudget;

/// What the gathered values of one slice may hold of the worker's memory: for each view what was set aside for it when
/// the slice was cut, and as much more as the budget gives. No view takes what was set aside for another. Thread-safe.
public final class ValueMemory {
    private static final long LEAST_SPILL_BYTES = 8L << 20;
    private static final int SPILLS_OF_ALL = 8;

    private final MemoryBudget.Lease lease;
    private final long others;
    private final long most;
    private final long[] setAside;
    private final long[] held;

    /// @param lease of the job, which holds `others` and all that is set aside
    /// @param others bytes of the lease that are not for values
    /// @param most bytes that the lease may grow to
    /// @param setAside bytes for each view
    public ValueMemory(MemoryBudget.Lease lease, long others, long most, long... setAside) {
        this.lease = lease;
        this.others = others;
        this.most = most;
        this.setAside = setAside.clone();
        this.held = new long[setAside.length];
    }

    /// What one view may hold.
    public Share share(int view) {
        return new Share(view);
    }

    private synchronized boolean hold(int view, long bytes) {
        held[view] += bytes;
        long wanted = others;
        for (int v = 0; v < held.length; v++) {
            wanted += Math.max(setAside[v], held[v]);
        }
        if (wanted > lease.bytes()) {
            try {
                if (wanted > most) {
                    held[view] -= bytes;
                    return false;
                }
                lease.resize(wanted);
            } catch (BudgetExceededException e) {
                held[view] -= bytes;
                return false;
            }
        }
        return true;
    }

    private synchronized void release(int view, long bytes) {
        held[view] -= bytes;
    }

    final class Share {
        private final int view;

        private Share(int view) {
            this.view = view;
        }

        /// Whether so many bytes more can be held; they are then.
        boolean hold(long bytes) {
            return ValueMemory.this.hold(view, bytes);
        }

        void release(long bytes) {
            ValueMemory.this.release(view, bytes);
        }

        /// Less than this is not worth a file, and is held uncounted.
        long leastSpillBytes() {
            return Math.min(LEAST_SPILL_BYTES, most / SPILLS_OF_ALL);
        }
    }
}
