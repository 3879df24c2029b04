package dev.firn.lake.scan;

import dev.firn.engine.MemoryBudget;
import org.jspecify.annotations.Nullable;

/// How a scan runs.
///
/// @param threads number of reader threads
/// @param batchRows maximum rows of a batch
/// @param maxDeleteBytes memory limit of the deletes of a scan; exceeding it is `DELETE_BUDGET_EXCEEDED`
/// @param deleteBudget a budget that scans share; if it is exhausted, a scan fails with
///     [dev.firn.engine.BudgetExceededException] and may be retried
public record ScanSettings(
        int threads,
        int batchRows,
        long maxDeleteBytes,
        @Nullable MemoryBudget deleteBudget) {
    /// An eighth of the heap.
    public static final long MAX_DELETE_BYTES = Runtime.getRuntime().maxMemory() / 8;

    public static final int MAX_BATCH_ROWS = 1 << 16;

    public static final ScanSettings DEFAULTS =
            new ScanSettings(Math.max(1, Runtime.getRuntime().availableProcessors()), 4_096);

    public ScanSettings {
        if (threads < 1 || batchRows < 1 || batchRows > MAX_BATCH_ROWS || maxDeleteBytes < 0) {
            throw new IllegalArgumentException(
                    "invalid scan settings: %d threads, batches of %d rows (1 to %d), %d bytes of deletes"
                            .formatted(threads, batchRows, MAX_BATCH_ROWS, maxDeleteBytes));
        }
    }

    public ScanSettings(int threads, int batchRows) {
        this(threads, batchRows, MAX_DELETE_BYTES, null);
    }

    public ScanSettings withThreads(int count) {
        return new ScanSettings(count, batchRows, maxDeleteBytes, deleteBudget);
    }

    public ScanSettings withMaxDeleteBytes(long bytes) {
        return new ScanSettings(threads, batchRows, bytes, deleteBudget);
    }

    /// Counts deletes in a shared budget and lets them take at most half of it, to leave room for the data they
    /// apply to.
    public ScanSettings withDeleteBudget(MemoryBudget budget) {
        return new ScanSettings(threads, batchRows, budget.bytes() / 2, budget);
    }
}
