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

    /// Reads these rows. For a cursor that has not moved yet.
    default void read(RowSelection rows) {
        long at = 0;
        for (int i = 0; i < rows.size(); ) {
            int end = i + 1;
            while (end < rows.size() && rows.row(end) == rows.row(end - 1) + 1) {
                end++;
            }
            skip(rows.row(i) - at);
            read(end - i);
            at = rows.row(end - 1) + 1;
            i = end;
        }
    }

    /// Gives the pages' memory back; the gathered rows stay.
    @Override
    default void close() {}
}
