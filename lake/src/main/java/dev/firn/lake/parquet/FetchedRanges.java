package dev.firn.lake.parquet;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A column chunk's bytes from a store that is asked by range: in windows from end to end, or only the ranges that
/// were planned. Not thread-safe.
final class FetchedRanges implements FileRanges {
    /// Bytes fetched ahead when the chunk is read from end to end.
    private static final int WINDOW_BYTES = 4 << 20;

    private final ParquetBytes.Stream in;
    private final long chunkEnd;
    private final @Nullable PageRanges planned;
    private byte[] buffer = new byte[0];
    private MemorySegment window = MemorySegment.NULL;
    private long windowStart;

    /// @param planned the only ranges that are fetched; whatever else is asked for, by itself. Null for windows
    FetchedRanges(ParquetBytes.Stream in, long chunkEnd, @Nullable PageRanges planned) {
        this.in = in;
        this.chunkEnd = chunkEnd;
        this.planned = planned;
    }

    @Override
    public MemorySegment at(long position, long least, long most) throws IOException {
        long held = windowStart + window.byteSize() - position;
        if (position < windowStart || held < least) {
            fetch(position, Math.max(least, Math.min(fetchEnd(position), chunkEnd) - position));
            held = window.byteSize();
        }
        return window.asSlice(position - windowStart, Math.min(most, held));
    }

    private void fetch(long position, long length) throws IOException {
        int size = Math.toIntExact(length);
        if (buffer.length < size) {
            buffer = new byte[Vector.grown(buffer.length, size)];
        }
        in.readRange(position, buffer, 0, size);
        window = Arena.ofAuto().allocate(size, Long.BYTES);
        MemorySegment.copy(MemorySegment.ofArray(buffer), 0, window, 0, size);
        windowStart = position;
    }

    private long fetchEnd(long position) {
        return planned == null ? position + WINDOW_BYTES : planned.endAt(position);
    }
}
