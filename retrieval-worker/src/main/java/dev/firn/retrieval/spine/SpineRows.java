package dev.firn.retrieval.spine;

import java.util.Optional;
import org.apache.iceberg.Schema;

/// The rows of a spine, opened and not yet read: types are known, order is fixed. For one thread, read once
/// from the start.
public interface SpineRows extends AutoCloseable {
    /// The spine's columns in output order, with the types they keep.
    Schema schema();

    /// The next rows, at least one; empty at the end.
    ///
    /// @throws SpineFault when a value is not of its column's type or the bytes cannot be read as what they
    ///     should be
    Optional<RowChunk> next();

    @Override
    void close();
}
