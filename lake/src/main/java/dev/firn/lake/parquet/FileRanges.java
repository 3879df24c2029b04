package dev.firn.lake.parquet;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// The bytes of a file, in native memory or on the heap.
interface FileRanges extends AutoCloseable {
    /// Returns at least `minBytes` from `position`, and up to `maxBytes` if they are available without another
    /// request. Valid until the next call for the same column chunk.
    MemorySegment read(long position, long minBytes, long maxBytes) throws IOException;

    @Override
    default void close() {}
}
