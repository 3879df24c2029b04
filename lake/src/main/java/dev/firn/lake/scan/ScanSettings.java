package dev.firn.lake.scan;

/// How a scan runs.
///
/// @param threads readers at once
/// @param batchRows most rows of a batch
/// @param maxDeleteBytes memory that the deletes kept for a scan may take, as estimated before they are read
public record ScanSettings(int threads, int batchRows, long maxDeleteBytes) {
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
        this(threads, batchRows, MAX_DELETE_BYTES);
    }

    public ScanSettings withThreads(int count) {
        return new ScanSettings(count, batchRows, maxDeleteBytes);
    }

    public ScanSettings withMaxDeleteBytes(long bytes) {
        return new ScanSettings(threads, batchRows, bytes);
    }
}
