package dev.firn.lake.parquet;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// A file's bytes, native or on the heap.
interface FileRanges extends AutoCloseable {
    /// At least `minBytes` bytes from `position` on, and as many more as are at hand up to `maxBytes`. Of use until the
    /// next call for the same column chunk.
    MemorySegment read(long position, long minBytes, long maxBytes) throws IOException;

    @Override
    default void close() {}
}
