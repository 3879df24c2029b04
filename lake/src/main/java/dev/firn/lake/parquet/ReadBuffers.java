package dev.firn.lake.parquet;

import java.io.Closeable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/// What one reader thread uses again from row group to row group: codecs, and native memory for the pages that are
/// open. Fresh memory for each page would cost more than decompressing it. For one thread; closing frees the memory,
/// so no cursor may be used after it.
public final class ReadBuffers implements Closeable {
    private static final long MIN_BYTES = 1L << 20;

    /// What a store is asked for at once for one column.
    static final int MAX_WINDOW_BYTES = 4 << 20;

    private static final int MIN_WINDOW_BYTES = 64 << 10;

    /// The same for all columns that a reader has open: two of the most, or less where many readers share a small
    /// heap. There are two readers for a processor, with two windows for a column, so that all of them hold about
    /// an eighth of the heap, unless single pages or very many columns are larger.
    private static final long WINDOWS_BYTES = Math.min(
            2L * MAX_WINDOW_BYTES,
            Runtime.getRuntime().maxMemory() / 32 / Runtime.getRuntime().availableProcessors());

    private final PageCodec codec = new PageCodec();
    private final Deque<PageMemory> free = new ArrayDeque<>();

    private int windowBytes = MAX_WINDOW_BYTES;

    /// How many columns are going to be read side by side: what each of them fetches at once goes by it.
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

    /// Room for one page at a time.
    static final class PageMemory {
        /// Bytes that may be read, and mean nothing, behind a page: whole words are taken from packed values.
        static final int SLACK_BYTES = 8;

        private Arena arena = Arena.ofShared();
        private MemorySegment memory = MemorySegment.NULL;

        /// Memory for `size` bytes and the slack; what was there before is gone.
        MemorySegment sized(long size) {
            if (memory.byteSize() < size + SLACK_BYTES) {
                free();
                arena = Arena.ofShared();
                memory = arena.allocate(Math.max(MIN_BYTES, size + (size >> 2)) + SLACK_BYTES, Long.BYTES);
            }
            return memory;
        }

        void free() {
            arena.close();
            memory = MemorySegment.NULL;
        }
    }
}
