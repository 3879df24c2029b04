package dev.firn.lake.scan;

import dev.firn.engine.MemoryBudget;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import java.util.function.Supplier;

/// Accounts for the memory of the deletes of one scan, which is reserved before it is allocated. Thread-safe.
///
/// Exceeding the scan's limit is a definite rejection. If a shared budget is exhausted at the moment, a
/// [dev.firn.engine.BudgetExceededException] is thrown.
final class DeleteMemory implements AutoCloseable {
    private final long limit;
    private final Supplier<String> description;
    private final MemoryBudget.Lease lease;
    private long reservedBytes;

    /// @param description describes the table and the number of its deletes
    DeleteMemory(ScanSettings settings, Supplier<String> description) {
        MemoryBudget shared = settings.budget();
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
                    "%s, which need more than the %d KiB of memory that a scan may use; compact the table"
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
