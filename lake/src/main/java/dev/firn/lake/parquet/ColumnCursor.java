package dev.firn.lake.parquet;

import dev.firn.engine.Column;

/// Goes once through one column of one row group. Reading appends to the rows gathered so far, whatever was skipped
/// in between. Not thread-safe.
public interface ColumnCursor extends AutoCloseable {
    void skip(long rows);

    void read(int rows);

    /// The gathered rows, sharing the cursor's arrays: of use until the next call.
    Column view();

    /// Forgets the gathered rows, keeps the place.
    void clear();

    /// The gathered rows with their arrays; gathering starts anew.
    Column take();

    /// Reads these rows, all of which lie ahead.
    void read(RowSelection rows);

    /// Bytes of the longest value that many rows may share, of a dictionary or of one constant: what a row may take in
    /// memory beyond what the file's size tells. 0 where rows take what they take in the file. It may read the
    /// dictionary.
    default long maxSharedValueBytes() {
        return 0;
    }

    /// Gives the pages' memory back; the gathered rows stay.
    @Override
    default void close() {}
}
