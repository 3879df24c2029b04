package dev.firn.lake.scan;

import dev.firn.engine.MemoryBudget;
import org.jspecify.annotations.Nullable;

/// Counts the memory of a plan in the budget that scans share, in growing steps, so that a million files do not
/// take its lock a million times. The first [#FREE_BYTES] are not counted: a job that has reserved all of a small
/// budget for its rows can still plan an ordinary table. Throws [dev.firn.engine.BudgetExceededException]. For
/// one thread, except [#close].
final class PlanMemory implements AutoCloseable {
    /// Some 3,500 files.
    static final long FREE_BYTES = 1L << 20;

    private final MemoryBudget.@Nullable Lease lease;
    private long used;
    private long reserved;

    /// @param budget null to count only
    PlanMemory(@Nullable MemoryBudget budget, String table) {
        this.lease = budget == null ? null : budget.acquire(0, "the plan of a scan of " + table);
    }

    void add(long bytes) {
        used += bytes;
        if (used > reserved) {
            long wanted = used + (used >> 4);
            if (lease != null && wanted > FREE_BYTES) {
                lease.resize(wanted - FREE_BYTES);
            }
            reserved = wanted;
        }
    }

    long used() {
        return used;
    }

    @Override
    public void close() {
        if (lease != null) {
            lease.close();
        }
    }
}
