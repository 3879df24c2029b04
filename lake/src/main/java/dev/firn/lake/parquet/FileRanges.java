package dev.firn.lake.parquet;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A file's bytes, native or on the heap.
interface FileRanges extends AutoCloseable {
    /// At least `least` bytes from `position` on, and as many more as are at hand up to `most`. Of use until the
    /// next call for the same column chunk.
    MemorySegment at(long position, long least, long most) throws IOException;

    @Override
    default void close() {}
}
