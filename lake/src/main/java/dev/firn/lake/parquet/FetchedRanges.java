package dev.firn.lake.parquet;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// A column chunk's bytes from a store that is asked by range: in windows from end to end, or only the ranges that
/// were planned. The first is asked for at once and the one after it while this one is decoded, so that the store's
/// latency is waited for once per chunk at most. Memory: two windows. Not thread-safe.
final class FetchedRanges implements FileRanges {
    /// Bytes asked for at once when the chunk is read from end to end.
    static final int WINDOW_BYTES = 4 << 20;

    private static final Executor FETCHERS =
            task -> Thread.ofVirtual().name("fetch").start(task);

    private final ParquetBytes.Stream in;
    private final long chunkEnd;
    private final @Nullable PageRanges planned;
    private MemorySegment window = MemorySegment.NULL;
    private long windowStart;
    private @Nullable Fetch ahead;

    /// A range on its way.
    private record Fetch(long start, long end, CompletableFuture<MemorySegment> bytes) {}

    /// @param in of its own: it is closed with this
    /// @param planned the only ranges that are fetched; whatever else is asked for, by itself. Null for windows
    FetchedRanges(ParquetBytes.Stream in, long chunkStart, long chunkEnd, @Nullable PageRanges planned) {
        this.in = in;
        this.chunkEnd = chunkEnd;
        this.planned = planned;
        fetchAhead(chunkStart);
    }

    @Override
    public MemorySegment at(long position, long least, long most) throws IOException {
        long held = windowStart + window.byteSize() - position;
        if (position < windowStart || held < least) {
            hold(position, least);
            held = window.byteSize() - (position - windowStart);
        }
        return window.asSlice(position - windowStart, Math.min(most, held));
    }

    /// Makes `least` bytes from `position` the window, with what was held of them and what is on its way.
    private void hold(long position, long least) throws IOException {
        long end = windowStart + window.byteSize();
        MemorySegment kept =
                position >= windowStart && position < end ? window.asSlice(position - windowStart) : MemorySegment.NULL;
        long from = position + kept.byteSize();
        MemorySegment next = arrived(from);
        if (next.byteSize() == 0) {
            next = fetch(from, Math.max(endOf(from), position + least));
        }
        long missing = least - kept.byteSize() - next.byteSize();
        if (missing > 0) {
            next = joined(next, fetch(from + next.byteSize(), from + next.byteSize() + missing));
        }
        window = kept.byteSize() == 0 ? next : joined(kept, next);
        windowStart = position;
        fetchAhead(windowStart + window.byteSize());
    }

    /// The rest from `position` on of the range that is on its way, if it lies there; that range is awaited in any
    /// case, since the stream serves one at a time.
    private MemorySegment arrived(long position) throws IOException {
        Fetch fetch = ahead;
        if (fetch == null) {
            return MemorySegment.NULL;
        }
        ahead = null;
        MemorySegment bytes;
        try {
            bytes = fetch.bytes().join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException fault -> throw fault;
                case Error error -> throw error;
                case null, default -> throw e;
            }
        }
        return position >= fetch.start() && position < fetch.end()
                ? bytes.asSlice(position - fetch.start())
                : MemorySegment.NULL;
    }

    private void fetchAhead(long position) {
        long start = planned == null ? position : planned.startFrom(position);
        long end = Math.min(chunkEnd, endOf(start));
        if (start >= end) {
            return;
        }
        ahead = new Fetch(
                start,
                end,
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return fetch(start, end);
                            } catch (IOException e) {
                                throw new CompletionException(e);
                            }
                        },
                        FETCHERS));
    }

    private MemorySegment fetch(long start, long end) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(Math.min(end, chunkEnd) - start)];
        in.readRange(start, bytes, 0, bytes.length);
        MemorySegment target = Arena.ofAuto().allocate(bytes.length, Long.BYTES);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, target, 0, bytes.length);
        return target;
    }

    private static MemorySegment joined(MemorySegment first, MemorySegment second) {
        MemorySegment both = Arena.ofAuto().allocate(first.byteSize() + second.byteSize(), Long.BYTES);
        MemorySegment.copy(first, 0, both, 0, first.byteSize());
        MemorySegment.copy(second, 0, both, first.byteSize(), second.byteSize());
        return both;
    }

    private long endOf(long position) {
        return planned == null ? position + WINDOW_BYTES : planned.endAt(position);
    }

    /// Waits for what is on its way: nothing reads from a stream that is closed.
    @Override
    public void close() {
        Fetch fetch = ahead;
        ahead = null;
        if (fetch != null) {
            fetch.bytes().handle((bytes, fault) -> bytes).join();
        }
        try {
            in.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
