package dev.firn.lake.parquet;

import java.util.Arrays;

/// Some rows of a row group: ascending positions in the file.
public final class RowSelection implements WantedRows {
    private final long[] positions;
    private final int from;
    private final int to;
    private final long firstPosition;

    /// @param positions of the file; those from `from` to `to` (exclusive) are meant
    /// @param firstPosition of the row group
    public RowSelection(long[] positions, int from, int to, long firstPosition) {
        if (from < 0 || to > positions.length || from > to) {
            throw new IllegalArgumentException("rows %d to %d of %d".formatted(from, to, positions.length));
        }
        this.positions = positions;
        this.from = from;
        this.to = to;
        this.firstPosition = firstPosition;
    }

    public int size() {
        return to - from;
    }

    /// Those from number `first` to number `end`, exclusive.
    public RowSelection part(int first, int end) {
        return new RowSelection(positions, from + first, from + end, firstPosition);
    }

    /// The `i`th row, counted from the row group's first.
    long row(int i) {
        return positions[from + i] - firstPosition;
    }

    @Override
    public long next(long row) {
        int found = Arrays.binarySearch(positions, from, to, row + firstPosition);
        int at = found >= 0 ? found : -found - 1;
        return at == to ? Long.MAX_VALUE : row(at - from);
    }
}
