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
    private final Supplier<String> description;
    private final MemoryBudget.Lease lease;
    private long reservedBytes;

    /// @param description says whose deletes they are, and how many
    DeleteMemory(ScanSettings settings, Supplier<String> description) {
        MemoryBudget shared = settings.deleteBudget();
        this.limit = settings.maxDeleteBytes();
        this.description = description;
        this.lease =
                (shared == null ? new MemoryBudget(Math.max(1, limit)) : shared).acquire(0, "the deletes of a table");
    }

    synchronized void reserve(long bytes) {
        long wanted = reservedBytes + bytes;
        if (wanted > limit) {
            throw new LakeRejection(
                    LakeCode.DELETE_BUDGET_EXCEEDED,
                    "%s: more than the %d KiB of memory that they may take; compact the table"
                            .formatted(description.get(), limit >> 10));
        }
        lease.resize(wanted);
        reservedBytes = wanted;
    }

    synchronized void release(long bytes) {
        reservedBytes -= bytes;
        lease.resize(reservedBytes);
    }

    @Override
    public void close() {
        lease.close();
    }
}
