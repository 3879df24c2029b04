package dev.firn.lake.parquet;

import dev.firn.lake.storage.ReadCancellation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// The bytes of a column chunk in a remote store: fetched in windows from end to end, or only the planned ranges.
/// Not thread-safe.
///
/// ## How
/// The reader moves forward through the chunk. `window` is the range it reads from, `prefetched` the next range, which
/// a virtual thread fetches while the reader decodes the window. The constructor starts the first fetch, so all columns
/// of a row group wait for the store together. If decoding takes as long as fetching, a chunk waits for the latency of
/// the store once.
///
/// When a request does not fit the window, [#moveTo] waits for the prefetch and then has one of three cases:
///
/// - the prefetch holds the request: it becomes the window, nothing is copied;
/// - the request begins in the window and continues in the prefetch (a page across two ranges), or needs bytes beyond
///   both: the pieces are copied to one array, and only the missing bytes are fetched;
/// - the request is in neither (the reader skipped pages outside the plan): it is fetched now.
///
/// *Invariant:* between calls at most one fetch is in flight, and it starts at or after the window's end. So `in`,
/// which serves one request at a time, is never used by two threads: the reader touches it only after
/// [#awaitPrefetch], and joining the future makes the fetcher's writes to the array visible.
///
/// ## Ownership
/// Each fetch allocates its array; nothing is reused. A segment that [#read] returned is a view of the window's array
/// and is valid until the next call. The array is garbage once the window has moved on and the caller has dropped the
/// view.
///
/// ## Cost
/// Two windows of at most `windowBytes` on the heap (see [ReadBuffers]), or more if a single page is larger. Windows
/// are on the heap because Iceberg's streams read into byte arrays; [PageCodec] copies a page to native memory only if
/// its codec needs that.
final class FetchedRanges implements FileRanges {
    private static final Executor FETCHERS =
            task -> Thread.ofVirtual().name("fetch").start(ReadCancellation.carried(task));

    private final ParquetBytes.CountedStream in;
    private final long chunkEnd;
    private final @Nullable PageRanges planned;
    private final int windowBytes;
    private Window window = Window.EMPTY;
    private @Nullable CompletableFuture<Window> prefetched;

    /// Fetched bytes and their position in the file.
    private record Window(MemorySegment bytes, long start) {
        static final Window EMPTY = new Window(MemorySegment.NULL, 0);

        long end() {
            return start + bytes.byteSize();
        }

        /// Its bytes from a position on; empty if it does not contain that position.
        MemorySegment from(long position) {
            return position >= start && position < end() ? bytes.asSlice(position - start) : MemorySegment.NULL;
        }
    }

    /// @param in a stream that only this object uses, and closes
    /// @param windowBytes maximum bytes of one request
    /// @param planned the ranges to fetch; bytes outside them are fetched one request at a time. Null fetches all
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

    /// Makes a window of at least `minBytes` from `position`, from the window, the prefetch and the store.
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

    /// Bytes to fetch after the held ones: the rest of the request, or of the range if no prefetch was in flight.
    private long missing(long position, long held, boolean noPrefetch, long minBytes) {
        long asked = Math.max(0, minBytes - held);
        long missing = noPrefetch ? Math.max(endOf(position + held) - position - held, asked) : asked;
        return Math.min(missing, chunkEnd - position - held);
    }

    /// Waits for the prefetch, even if its bytes are not needed, since the stream serves one request at a time.
    private Window awaitPrefetch() throws IOException {
        CompletableFuture<Window> inFlight = prefetched;
        prefetched = null;
        if (inFlight == null) {
            return Window.EMPTY;
        }
        try {
            return inFlight.join();
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
        prefetched = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return fetch(start, end);
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                FETCHERS);
    }

    private Window fetch(long start, long end) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(Math.min(end, chunkEnd) - start)];
        in.readRange(start, bytes, 0, bytes.length);
        return new Window(MemorySegment.ofArray(bytes), start);
    }

    /// Joins two pieces and `missing` bytes after them, which are fetched now.
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

    /// Waits for the prefetch, so that nothing reads from the closed stream.
    @Override
    public void close() {
        CompletableFuture<Window> inFlight = prefetched;
        prefetched = null;
        if (inFlight != null) {
            inFlight.handle((_, _) -> Window.EMPTY).join();
        }
        window = Window.EMPTY;
        try {
            in.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
