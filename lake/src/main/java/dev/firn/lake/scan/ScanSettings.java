package dev.firn.lake.scan;

import dev.firn.engine.MemoryBudget;
import org.jspecify.annotations.Nullable;

/// How a scan runs.
///
/// @param threads number of reader threads
/// @param batchRows maximum rows of a batch
/// @param maxDeleteBytes memory limit of the deletes of a scan; exceeding it is `DELETE_BUDGET_EXCEEDED`
/// @param maxFiles most data files that a scan may read, and most delete files; more are `TOO_MANY_FILES`
/// @param budget a budget that scans share, for plans and deletes; if it is exhausted, a scan fails with
///     [dev.firn.engine.BudgetExceededException] and may be retried
public record ScanSettings(
        int threads,
        int batchRows,
        long maxDeleteBytes,
        int maxFiles,
        @Nullable MemoryBudget budget) {
    /// An eighth of the heap.
    public static final long MAX_DELETE_BYTES = Runtime.getRuntime().maxMemory() / 8;

    public static final int MAX_FILES = 1_000_000;

    public static final int MAX_BATCH_ROWS = 1 << 16;

    public static final ScanSettings DEFAULTS =
            new ScanSettings(Math.max(1, Runtime.getRuntime().availableProcessors()), 4_096);

    public ScanSettings {
        if (threads < 1 || batchRows < 1 || batchRows > MAX_BATCH_ROWS || maxDeleteBytes < 0 || maxFiles < 1) {
            throw new IllegalArgumentException(
                    "invalid scan settings: %d threads, batches of %d rows (1 to %d), %d bytes of deletes, %d files"
                            .formatted(threads, batchRows, MAX_BATCH_ROWS, maxDeleteBytes, maxFiles));
        }
    }

    public ScanSettings(int threads, int batchRows) {
        this(threads, batchRows, MAX_DELETE_BYTES, MAX_FILES, null);
    }

    public ScanSettings withThreads(int count) {
        return new ScanSettings(count, batchRows, maxDeleteBytes, maxFiles, budget);
    }

    public ScanSettings withMaxDeleteBytes(long bytes) {
        return new ScanSettings(threads, batchRows, bytes, maxFiles, budget);
    }

    public ScanSettings withMaxFiles(int files) {
        return new ScanSettings(threads, batchRows, maxDeleteBytes, files, budget);
    }

    /// Counts plans and deletes in a shared budget and lets deletes take at most half of it, to leave room for the data
    /// they apply to.
    public ScanSettings withBudget(MemoryBudget shared) {
        return new ScanSettings(threads, batchRows, shared.bytes() / 2, maxFiles, shared);
    }
}
