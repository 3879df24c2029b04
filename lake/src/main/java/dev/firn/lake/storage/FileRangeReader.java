package dev.firn.lake.storage;

import java.io.Closeable;
import java.io.IOException;

/// Reads ranges of one file, each on its own: after a fault the next call starts anew. For one thread.
interface FileRangeReader extends Closeable {
    /// Reads up to `count` bytes from `position`: fewer at the end of the file, 0 if there are none. Throws what the
    /// store's client throws, and an [IOException] if the store sent fewer bytes than it announced.
    int read(long position, byte[] target, int from, int count) throws IOException;

    @Override
    default void close() {}
}
