package dev.firn.lake.parquet;

import dev.firn.engine.Column;

/// A forward-only cursor over one column of one row group. Reading appends to the gathered rows. Not thread-safe.
public interface ColumnCursor extends AutoCloseable {
    void skip(long rows);

    void read(int rows);

    /// The gathered rows. They share the cursor's arrays and are valid until the next call.
    Column view();

    /// Discards the gathered rows and keeps the position.
    void clear();

    /// Hands over the gathered rows with their arrays and starts with no rows.
    Column take();

    /// Reads these rows, none of which was passed yet.
    void read(RowSelection rows);

    /// The length of the longest value that rows can share, in a dictionary or as a constant: a row may take that
    /// much more memory than its share of the file. 0 if rows share nothing. May read the dictionary.
    default long maxSharedValueBytes() {
        return 0;
    }

    /// Releases the memory of the pages; the gathered rows remain valid.
    @Override
    default void close() {}
}
