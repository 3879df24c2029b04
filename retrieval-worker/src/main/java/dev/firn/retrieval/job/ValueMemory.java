package dev.firn.retrieval.job;

import dev.firn.engine.BudgetExceededException;
import dev.firn.engine.MemoryBudget;

/// What the gathered values of one slice may hold of the worker's memory: what was set aside for them when the slice
/// was cut, and as much more as the budget gives. Thread-safe.
final class ValueMemory {
    private final MemoryBudget.Lease lease;
    private final long others;
    private final long setAside;
    private long held;

    /// @param lease of the job, which holds what was set aside already
    /// @param setAside for values, of what the lease holds
    ValueMemory(MemoryBudget.Lease lease, long setAside) {
        this.lease = lease;
        this.setAside = Math.min(setAside, lease.bytes());
        this.others = lease.bytes() - this.setAside;
    }

    /// Whether so many bytes more can be held; they are then.
    synchronized boolean hold(long bytes) {
        long wanted = others + Math.max(setAside, held + bytes);
        if (wanted > lease.bytes()) {
            try {
                lease.resize(wanted);
            } catch (BudgetExceededException e) {
                return false;
            }
        }
        held += bytes;
        return true;
    }

    synchronized void release(long bytes) {
        held -= bytes;
    }
}
