package dev.firn.lake.scan;

import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.ParquetFile;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Caches the footers of a plan's files, so that streaming and gathering read them once. Keeps as many as fit.
/// Thread-safe.
final class Footers {
    /// About 30 MB.
    private static final long MAX_COLUMN_CHUNKS = 50_000;

    /// For page indexes.
    private static final long MAX_TAIL_BYTES = 32L << 20;

    private final Map<Integer, ParquetFile> kept = new ConcurrentHashMap<>();
    private final AtomicLong columnChunks = new AtomicLong();
    private final AtomicLong tailBytes = new AtomicLong();

    /// Opens a file for one thread; the caller closes it.
    ParquetFile open(PinnedTable table, PlannedFile planned, ScanPlan plan) {
        ParquetFile known = kept.get(planned.ordinal());
        if (known != null) {
            return known.reopen();
        }
        ParquetFile file = ParquetFile.open(
                table.io().newInputFile(planned.location(), planned.bytes()),
                plan.bytesRead,
                what -> plan.ignore(planned.location(), what));
        if (tailBytes.addAndGet(file.tailBytes()) > MAX_TAIL_BYTES) {
            tailBytes.addAndGet(-file.tailBytes());
            file.releaseTail();
        }
        if (columnChunks.addAndGet(file.columnChunks()) <= MAX_COLUMN_CHUNKS) {
            kept.put(planned.ordinal(), file.reopen());
        }
        return file;
    }
}
