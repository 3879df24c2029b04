package dev.firn.retrieval.job.values;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.MemoryBudget;

/// The memory that the gathered values of one slice may hold.
///
/// Each view has a **guarantee**, reserved when the slice was cut, and may hold more as long as the job's lease can
/// grow. Guarantees count in full whether they are used or not, so no view can take what is guaranteed to another.
///
/// *Invariant:* the lease holds at least
///
/// ```text
/// otherBytes + the sum over all views of max(guaranteed, held)
/// ```
///
/// where `otherBytes` is the spine, the winners and the join. A reservation that would break it grows the lease first,
/// without waiting. If the lease would exceed `maxLeaseBytes`, or other jobs hold the rest of the budget, the
/// reservation is refused and the caller spills.
///
/// ## Example
/// A lease of 300 bytes that may grow to 1,000; `otherBytes` is 100, and two views have a guarantee of 100 each.
///
/// | call | sum | lease |
/// |---|---|---|
/// | view 0 reserves 800 | 100 + 800 + 100 = 1,000 | grows to 1,000 |
/// | view 0 reserves 1 | 1,001 | refused: the rest is guaranteed to view 1 |
/// | view 1 reserves 100 | 100 + 800 + 100 = 1,000 | fits |
/// | view 1 reserves 1 | 1,001 | refused |
/// | view 0 releases 500 | 100 + 300 + 100 = 500 | keeps its 1,000 |
/// | view 1 reserves 500 | 100 + 300 + 600 = 1,000 | fits |
///
/// The lease does not shrink on a release: the next view or the next slice needs the bytes soon, and another job could
/// take them in between. The next slice resizes it.
///
/// Thread-safe; `held` is guarded by `this`.
public final class ValueMemory {
    private static final long MIN_SPILL_BYTES = 8L << 20;
    private static final int SPILLS_PER_LEASE = 8;

    private final MemoryBudget.Lease lease;
    private final long otherBytes;
    private final long maxLeaseBytes;
    private final long[] guaranteed;
    private final long[] held;

    /// @param lease the job's lease, which holds `otherBytes` and all guarantees already
    /// @param otherBytes bytes of the lease that are not for values
    /// @param maxLeaseBytes what the lease may grow to
    /// @param guaranteed bytes for each view
    public ValueMemory(MemoryBudget.Lease lease, long otherBytes, long maxLeaseBytes, long... guaranteed) {
        this.lease = lease;
        this.otherBytes = otherBytes;
        this.maxLeaseBytes = maxLeaseBytes;
        this.guaranteed = guaranteed.clone();
        this.held = new long[guaranteed.length];
    }

    /// The share of one view.
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

    /// What one view holds. Thread-safe.
    public final class Share {
        private final int view;

        private Share(int view) {
            this.view = view;
        }

        /// Reserves `bytes`; returns false if they do not fit.
        boolean reserve(long bytes) {
            return ValueMemory.this.reserve(view, bytes);
        }

        void release(long bytes) {
            ValueMemory.this.release(view, bytes);
        }

        /// Fewer bytes are not worth a file. They stay in memory without a reservation.
        long minSpillBytes() {
            return Math.min(MIN_SPILL_BYTES, maxLeaseBytes / SPILLS_PER_LEASE);
        }
    }
}
