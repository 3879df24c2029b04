package dev.firn.lake.scan;

import dev.firn.engine.Column;
import dev.firn.lake.parquet.RowRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// The deletes that apply to one data file. Thread-safe.
final class FileDeletes {
    static final FileDeletes NONE = new FileDeletes(new PositionMask(0), List.of(), 0);

    private final PositionMask positions;
    private final List<EqualityDeletes> equalities;
    private final long sequence;
    private final @Nullable PositionMask only;

    /// @param sequence the data file's sequence number; only later deletes apply
    FileDeletes(PositionMask positions, List<EqualityDeletes> equalities, long sequence) {
        this(positions, equalities, sequence, null);
    }

    private FileDeletes(
            PositionMask positions, List<EqualityDeletes> equalities, long sequence, @Nullable PositionMask only) {
        this.positions = positions;
        this.equalities = List.copyOf(equalities);
        this.sequence = sequence;
        this.only = only;
    }

    /// The same deletes, and every row that the mask does not contain.
    FileDeletes within(PositionMask mask) {
        return new FileDeletes(positions, equalities, sequence, mask);
    }

    /// The columns that must be read to find deleted rows.
    List<NestedField> fields() {
        return equalities.stream()
                .flatMap(equality -> equality.fields().stream())
                .toList();
    }

    boolean isEmpty() {
        return positions.isEmpty() && equalities.isEmpty() && only == null;
    }

    /// Ranges of rows, relative to `first`, outside of which all of the `size` rows from `first` are deleted.
    RowRanges possiblyLive(long first, long size) {
        return only == null ? RowRanges.all(size) : only.around(first, size);
    }

    /// Marks the deleted rows among the `size` rows from `position`.
    void mark(long position, int size, Map<Integer, Column> values, boolean[] deleted) {
        positions.mark(position, size, deleted);
        if (only != null) {
            only.markOthers(position, size, deleted);
        }
        for (EqualityDeletes equality : equalities) {
            List<Column> compared = new ArrayList<>();
            for (NestedField field : equality.fields()) {
                compared.add(values.get(field.fieldId()));
            }
            equality.mark(compared, size, sequence, deleted);
        }
    }
}
