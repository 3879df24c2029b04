package dev.firn.lake.parquet;

import java.util.Arrays;

/// Selected rows of a row group, as ascending positions in the file.
public final class RowSelection implements WantedRows {
    private final long[] positions;
    private final int from;
    private final int to;
    private final long firstPosition;

    /// @param positions row positions in the file, of which `from` to `to` (exclusive) are selected
    /// @param firstPosition position of the first row of the row group
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

    /// The selected rows from index `first` to `end`, exclusive.
    public RowSelection part(int first, int end) {
        return new RowSelection(positions, from + first, from + end, firstPosition);
    }

    /// The `i`th selected row, relative to the row group.
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
