package dev.firn.retrieval.job.values;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.MemoryBudget;

/// What the gathered values of one slice may hold of the worker's memory: for each view what was set aside for it when
/// the slice was cut, and as much more as the budget gives. No view takes what was set aside for another. Thread-safe.
public final class ValueMemory {
    private static final long MIN_SPILL_BYTES = 8L << 20;
    private static final int SPILLS_PER_LEASE = 8;

    private final MemoryBudget.Lease lease;
    private final long otherBytes;
    private final long maxLeaseBytes;
    private final long[] guaranteed;
    private final long[] held;

    /// @param lease of the job, which holds `otherBytes` and all that is set aside
    /// @param otherBytes bytes of the lease that are not for values
    /// @param maxLeaseBytes bytes that the lease may grow to
    /// @param guaranteed bytes for each view
    public ValueMemory(MemoryBudget.Lease lease, long otherBytes, long maxLeaseBytes, long... guaranteed) {
        this.lease = lease;
        this.otherBytes = otherBytes;
        this.maxLeaseBytes = maxLeaseBytes;
        this.guaranteed = guaranteed.clone();
        this.held = new long[guaranteed.length];
    }

    /// What one view may hold.
    public Share share(int view) {
        return new Share(view);
    }

    private synchronized boolean reserve(int view, long bytes) {
        held[view] += bytes;
        long wanted = otherBytes;
        for (int v = 0; v < held.length; v++) {
            wanted += Math.max(guaranteed[v], held[v]);
        }
        if (wanted > lease.bytes()) {
            try {
                if (wanted > maxLeaseBytes) {
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
        boolean reserve(long bytes) {
            return ValueMemory.this.reserve(view, bytes);
        }

        void release(long bytes) {
            ValueMemory.this.release(view, bytes);
        }

        /// Less than this is not worth a file, and is held uncounted.
        long minSpillBytes() {
            return Math.min(MIN_SPILL_BYTES, maxLeaseBytes / SPILLS_PER_LEASE);
        }
    }
}
