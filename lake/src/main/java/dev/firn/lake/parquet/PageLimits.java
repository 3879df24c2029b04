package dev.firn.lake.parquet;

import dev.firn.engine.BudgetExceededException;
import java.util.concurrent.atomic.AtomicLong;

/// Bounds the memory that pages claim. A page header is read before anything is known to be true, so a claim is checked
/// and counted before memory is allocated: a file of a kilobyte may claim pages of gigabytes.
///
/// There is one for the process, as there is one native memory. Thread-safe.
public final class PageLimits {
    /// Default limit of one page. Writers aim at 1 MiB; a page is larger if one of its values is.
    public static final long MAX_PAGE_BYTES = 256L << 20;

    /// Default limit of the native memory of all open pages: half of the heap.
    public static final long MAX_OPEN_BYTES = Runtime.getRuntime().maxMemory() / 2;

    /// The limits of this process.
    public static final PageLimits PROCESS = new PageLimits();

    private volatile long pageBytes = MAX_PAGE_BYTES;
    private volatile long openBytes = MAX_OPEN_BYTES;
    private final AtomicLong open = new AtomicLong();

    PageLimits() {}

    /// Sets the limits of one page and of all open pages.
    public void set(long maxPageBytes, long maxOpenBytes) {
        if (maxPageBytes < 1 || maxOpenBytes < 1) {
            throw new IllegalArgumentException(
                    "limits of pages must be positive, got %d and %d bytes".formatted(maxPageBytes, maxOpenBytes));
        }
        pageBytes = maxPageBytes;
        openBytes = maxOpenBytes;
    }

    /// The native memory of the pages that are open now.
    public long bytesOpen() {
        return open.get();
    }

    /// Throws [CorruptParquetException] if a page claims more than a page may have.
    void check(long claimed) {
        if (claimed < 0 || claimed > pageBytes) {
            throw new CorruptParquetException(
                    "a page claims %d bytes, the limit of a page is %d".formatted(claimed, pageBytes));
        }
    }

    /// Counts native memory before it is allocated. Throws [BudgetExceededException] if other pages hold too much.
    void acquire(long bytes) {
        long limit = openBytes;
        if (open.addAndGet(bytes) > limit) {
            long held = open.addAndGet(-bytes);
            throw new BudgetExceededException(
                    "a page needs %d bytes; open pages hold %d of at most %d bytes".formatted(bytes, held, limit));
        }
    }

    void release(long bytes) {
        open.addAndGet(-bytes);
    }
}
