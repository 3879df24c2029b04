package dev.firn.lake.parquet;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// A column chunk's bytes from a store that is asked by range: in windows from end to end, or only the ranges that
/// were planned. The first is asked for at once and the one after it while this one is decoded, so that the store's
/// latency is waited for once per chunk at most. Memory: two windows on the heap. Not thread-safe.
final class FetchedRanges implements FileRanges {
    private static final Executor FETCHERS =
            task -> Thread.ofVirtual().name("fetch").start(task);

    private final ParquetBytes.CountedStream in;
    private final long chunkEnd;
    private final @Nullable PageRanges planned;
    private final int windowBytes;
    private Window window = Window.EMPTY;
    private @Nullable Fetch prefetched;

    /// Bytes that were fetched.
    private record Window(MemorySegment bytes, long start) {
        static final Window EMPTY = new Window(MemorySegment.NULL, 0);

        long end() {
            return start + bytes.byteSize();
        }

        /// Its bytes from a position on; none if it does not hold that.
        MemorySegment from(long position) {
            return position >= start && position < end() ? bytes.asSlice(position - start) : MemorySegment.NULL;
        }
    }

    /// A range on its way.
    private record Fetch(CompletableFuture<Window> window) {}

    /// @param in of its own: it is closed with this
    /// @param windowBytes what is asked for at once
    /// @param planned the only ranges that are fetched; whatever else is asked for, by itself. Null for all
    FetchedRanges(
            ParquetBytes.CountedStream in,
            long chunkStart,
            long chunkEnd,
            int windowBytes,
            @Nullable PageRanges planned) {
        this.in = in;
        this.chunkEnd = chunkEnd;
        this.windowBytes = windowBytes;
        this.planned = planned;
        prefetch(chunkStart);
    }

    @Override
    public MemorySegment read(long position, long minBytes, long maxBytes) throws IOException {
        if (position < window.start() || window.end() - position < minBytes) {
            moveTo(position, minBytes);
        }
        MemorySegment bytes = window.from(position);
        return bytes.asSlice(0, Math.min(maxBytes, bytes.byteSize()));
    }

    /// Makes `minBytes` from `position` the window, with what was held of them and what is on its way.
    private void moveTo(long position, long minBytes) throws IOException {
        Window arrived = awaitPrefetch();
        MemorySegment kept = window.from(position);
        MemorySegment next = arrived.from(position + kept.byteSize());
        long held = kept.byteSize() + next.byteSize();
        if (kept.byteSize() == 0 && next.byteSize() >= minBytes) {
            window = arrived;
        } else {
            window = held == 0
                    ? fetch(position, Math.max(endOf(position), position + minBytes))
                    : joined(position, kept, next, missing(position, held, next.byteSize() == 0, minBytes));
        }
        prefetch(window.end());
    }

    /// Bytes to fetch behind those that are there: what is asked for, and to the range's end if nothing was on its way.
    private long missing(long position, long held, boolean nothingArrived, long minBytes) {
        long asked = Math.max(0, minBytes - held);
        long missing = nothingArrived ? Math.max(endOf(position + held) - position - held, asked) : asked;
        return Math.min(missing, chunkEnd - position - held);
    }

    /// What was on its way; that is awaited in any case, since the stream serves one at a time.
    private Window awaitPrefetch() throws IOException {
        Fetch fetch = prefetched;
        prefetched = null;
        if (fetch == null) {
            return Window.EMPTY;
        }
        try {
            return fetch.window().join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException fault -> throw fault;
                case Error error -> throw error;
                case null, default -> throw e;
            }
        }
    }

    private void prefetch(long position) {
        long start = planned == null ? position : planned.startFrom(position);
        long end = Math.min(chunkEnd, endOf(start));
        if (start >= end) {
            return;
        }
        prefetched = new Fetch(CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return fetch(start, end);
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                FETCHERS));
    }

    private Window fetch(long start, long end) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(Math.min(end, chunkEnd) - start)];
        in.readRange(start, bytes, 0, bytes.length);
        return new Window(MemorySegment.ofArray(bytes), start);
    }

    /// Two pieces, and `missing` bytes after them that are fetched now.
    private Window joined(long position, MemorySegment first, MemorySegment second, long missing) throws IOException {
        int held = Math.toIntExact(first.byteSize() + second.byteSize());
        byte[] bytes = new byte[Math.toIntExact(held + missing)];
        MemorySegment all = MemorySegment.ofArray(bytes);
        MemorySegment.copy(first, 0, all, 0, first.byteSize());
        MemorySegment.copy(second, 0, all, first.byteSize(), second.byteSize());
        if (missing > 0) {
            in.readRange(position + held, bytes, held, Math.toIntExact(missing));
        }
        return new Window(all, position);
    }

    private long endOf(long position) {
        return planned == null ? position + windowBytes : Math.min(planned.endAt(position), position + windowBytes);
    }

    /// Waits for what is on its way: nothing reads from a stream that is closed.
    @Override
    public void close() {
        Fetch fetch = prefetched;
        prefetched = null;
        if (fetch != null) {
            fetch.window().handle((_, _) -> Window.EMPTY).join();
        }
        window = Window.EMPTY;
        try {
            in.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
