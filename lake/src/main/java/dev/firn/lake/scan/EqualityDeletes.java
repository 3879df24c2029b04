package dev.firn.lake.scan;

import dev.firn.engine.Column;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.types.Types.NestedField;

/// The rows hidden by the equality delete files of a scope: those that equal a deleted row in all compared columns,
/// with null equal to null, and were written before the delete. Thread-safe.
final class EqualityDeletes {
    private final List<NestedField> fields;
    private final long[] sequences;
    private final DeletedRows rows;

    /// @param sequences the distinct sequence numbers of the deletes, ascending; their indexes are the ranks in
    ///     `rows`
    EqualityDeletes(List<NestedField> fields, long[] sequences, DeletedRows rows) {
        this.fields = List.copyOf(fields);
        this.sequences = sequences;
        this.rows = rows;
    }

    List<NestedField> fields() {
        return fields;
    }

    /// Marks the hidden rows of a data file.
    ///
    /// @param written the data file's sequence number
    void mark(List<Column> columns, int size, long written, boolean[] deleted) {
        if (sequences[sequences.length - 1] <= written) {
            return;
        }
        int found = Arrays.binarySearch(sequences, written);
        int rank = found >= 0 ? found : -found - 2;
        rows.mark(ComparedRows.of(columns, size), rank, deleted);
    }
}
