package dev.firn.lake.parquet;

import java.util.Arrays;

/// Ascending row ranges that neither overlap nor touch, relative to the first row of the row group. Immutable.
public final class RowRanges implements WantedRows {
    private final long[] starts;
    private final long[] ends;

    private RowRanges(long[] starts, long[] ends) {
        this.starts = starts;
        this.ends = ends;
    }

    /// All of a row group's rows.
    public static RowRanges all(long rows) {
        return rows == 0 ? new RowRanges(new long[0], new long[0]) : new RowRanges(new long[] {0}, new long[] {rows});
    }

    /// Number of ranges.
    public int size() {
        return starts.length;
    }

    public boolean isEmpty() {
        return starts.length == 0;
    }

    public long start(int range) {
        return starts[range];
    }

    /// The end of a range, exclusive.
    public long end(int range) {
        return ends[range];
    }

    /// Total number of rows.
    public long rows() {
        long rows = 0;
        for (int i = 0; i < starts.length; i++) {
            rows += ends[i] - starts[i];
        }
        return rows;
    }

    /// The rows in both.
    public RowRanges and(RowRanges other) {
        Builder both = new Builder();
        for (int i = 0, j = 0; i < size() && j < other.size(); ) {
            both.add(Math.max(starts[i], other.starts[j]), Math.min(ends[i], other.ends[j]));
            if (ends[i] < other.ends[j]) {
                i++;
            } else {
                j++;
            }
        }
        return both.build();
    }

    @Override
    public long next(long row) {
        int found = Arrays.binarySearch(ends, row);
        int range = found >= 0 ? found + 1 : -found - 1;
        return range == size() ? Long.MAX_VALUE : Math.max(row, starts[range]);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < size(); i++) {
            text.append(i == 0 ? "" : " ").append(starts[i]).append("..").append(ends[i]);
        }
        return text.toString();
    }

    /// Takes ranges in ascending order and merges those that touch.
    public static final class Builder {
        private long[] starts = new long[8];
        private long[] ends = new long[8];
        private int size;

        /// Adds rows `from` to `to`, exclusive; an empty range is ignored.
        public void add(long from, long to) {
            if (from >= to) {
                return;
            }
            if (size > 0 && from < ends[size - 1]) {
                throw new IllegalArgumentException(
                        "a range from row %d overlaps the previous range, which ends at row %d"
                                .formatted(from, ends[size - 1]));
            }
            if (size > 0 && from == ends[size - 1]) {
                ends[size - 1] = to;
                return;
            }
            if (size == starts.length) {
                starts = Arrays.copyOf(starts, size * 2);
                ends = Arrays.copyOf(ends, size * 2);
            }
            starts[size] = from;
            ends[size++] = to;
        }

        public RowRanges build() {
            return new RowRanges(Arrays.copyOf(starts, size), Arrays.copyOf(ends, size));
        }
    }
}
