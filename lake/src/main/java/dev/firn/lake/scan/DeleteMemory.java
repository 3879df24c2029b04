package dev.firn.lake.scan;

import dev.firn.engine.MemoryBudget;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import java.util.function.Supplier;

/// What the deletes of one scan hold, asked for before it is allocated. Thread-safe.
///
/// More than the scan's limit is refused for good. What a shared budget has not free at this moment is a
/// [dev.firn.engine.BudgetExceededException].
final class DeleteMemory implements AutoCloseable {
    private final long limit;
    private final Supplier<String> figures;
    private final MemoryBudget.Lease lease;
    private long held;

    /// @param figures says whose deletes they are, and how many
    DeleteMemory(ScanSettings settings, Supplier<String> figures) {
        MemoryBudget shared = settings.deleteBudget();
        this.limit = settings.maxDeleteBytes();
        this.figures = figures;
        this.lease =
                (shared == null ? new MemoryBudget(Math.max(1, limit)) : shared).acquire(0, "the deletes of a table");
    }

    synchronized void take(long bytes) {
        long wanted = held + bytes;
        if (wanted > limit) {
            throw new LakeRejection(
                    LakeCode.DELETE_BUDGET_EXCEEDED,
                    "%s: more than the %d KiB of memory that they may take; compact the table"
                            .formatted(figures.get(), limit >> 10));
        }
        lease.resize(wanted);
        held = wanted;
    }

    synchronized void giveBack(long bytes) {
        held -= bytes;
        lease.resize(held);
    }

    @Override
    public void close() {
        lease.close();
    }
}
