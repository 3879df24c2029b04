package dev.firn.lake.parquet;

import java.io.Closeable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// What one reader thread reuses across row groups: codecs, and native memory for open pages. Allocating memory for
/// each page would cost more than decompressing it. For one thread; closing frees the memory, so no cursor may be used
/// afterwards.
public final class ReadBuffers implements Closeable {
    private static final long MIN_BYTES = 64L << 10;

    /// Maximum bytes of one request for a column.
    static final int MAX_WINDOW_BYTES = 4 << 20;

    private static final int MIN_WINDOW_BYTES = 64 << 10;

    /// Window bytes for all open columns of a reader: two maximum windows, or less if many readers share a small
    /// heap. With two readers per processor and two windows per column, all readers hold about an eighth of the
    /// heap, unless single pages or very many columns need more.
    private static final long WINDOWS_BYTES = Math.min(
            2L * MAX_WINDOW_BYTES,
            Runtime.getRuntime().maxMemory() / 32 / Runtime.getRuntime().availableProcessors());

    private final PageCodec codec = new PageCodec();
    private final Deque<PageMemory> free = new ArrayDeque<>();

    private int windowBytes = MAX_WINDOW_BYTES;

    /// Divides the window bytes among the columns that will be open at the same time.
    public void shareAmong(int columns) {
        windowBytes = Math.clamp(WINDOWS_BYTES / Math.max(1, columns), MIN_WINDOW_BYTES, MAX_WINDOW_BYTES);
    }

    int windowBytes() {
        return windowBytes;
    }

    PageCodec codec() {
        return codec;
    }

    PageMemory acquire() {
        PageMemory page = free.poll();
        return page == null ? new PageMemory() : page;
    }

    void release(PageMemory page) {
        free.push(page);
    }

    @Override
    public void close() {
        codec.close();
        free.forEach(PageMemory::free);
        free.clear();
    }

    /// Memory for one page at a time.
    static final class PageMemory {
        /// Readable bytes after a page, with unspecified content: packed values are read in whole words.
        static final int SLACK_BYTES = 8;

        private final PageLimits limits = PageLimits.PROCESS;
        private @Nullable Arena arena;
        private MemorySegment memory = MemorySegment.NULL;

        /// Memory for `size` bytes and the slack; the previous content is lost. Throws
        /// [dev.firn.engine.BudgetExceededException] if open pages hold too much.
        MemorySegment sized(long size) {
            if (memory.byteSize() < size + SLACK_BYTES) {
                free();
                long bytes = Math.max(MIN_BYTES, size + (size >> 2)) + SLACK_BYTES;
                limits.acquire(bytes);
                Arena acquired = Arena.ofShared();
                try {
                    memory = acquired.allocate(bytes, Long.BYTES);
                } catch (RuntimeException | Error e) {
                    acquired.close();
                    limits.release(bytes);
                    throw e;
                }
                arena = acquired;
            }
            return memory;
        }

        void free() {
            if (arena != null) {
                arena.close();
                arena = null;
                limits.release(memory.byteSize());
                memory = MemorySegment.NULL;
            }
        }
    }
}
