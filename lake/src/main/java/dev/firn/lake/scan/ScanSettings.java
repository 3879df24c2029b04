package dev.firn.lake.scan;

import dev.firn.engine.MemoryBudget;
import org.jspecify.annotations.Nullable;

/// How a scan runs.
///
/// @param threads readers at once
/// @param batchRows most rows of a batch
/// @param maxDeleteBytes memory that the deletes kept for a scan may take; more is `DELETE_BUDGET_EXCEEDED`
/// @param deleteBudget what that memory is counted in, where scans share one; a scan that does not find it free fails
///     with [dev.firn.engine.BudgetExceededException] and may be tried again
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
            throw new IllegalArgumentException("%d threads with batches of %d rows (1 to %d) and %d bytes of deletes"
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

    /// Deletes count in a budget that others share, and take at most half of it: what they apply to needs room too.
    public ScanSettings withDeleteBudget(MemoryBudget budget) {
        return new ScanSettings(threads, batchRows, budget.bytes() / 2, budget);
    }
}
