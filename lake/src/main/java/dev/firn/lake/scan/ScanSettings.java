package dev.firn.lake.scan;

/// How a scan runs.
///
/// @param threads readers at once
/// @param batchRows most rows of a batch
public record ScanSettings(int threads, int batchRows) {
    public static final int MAX_BATCH_ROWS = 1 << 16;

    public static final ScanSettings DEFAULTS =
            new ScanSettings(Math.max(1, Runtime.getRuntime().availableProcessors()), 4_096);

    public ScanSettings {
        if (threads < 1 || batchRows < 1 || batchRows > MAX_BATCH_ROWS) {
            throw new IllegalArgumentException(
                    "%d threads with batches of %d rows (1 to %d)".formatted(threads, batchRows, MAX_BATCH_ROWS));
        }
    }

    public ScanSettings withThreads(int count) {
        return new ScanSettings(count, batchRows);
    }
}
