package dev.firn.lake.parquet;

import java.util.Arrays;

/// Ascending ranges of a row group's rows that neither overlap nor touch, counted from its first row. Immutable.
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

    /// How many ranges.
    public int size() {
        return starts.length;
    }

    public boolean isEmpty() {
        return starts.length == 0;
    }

    public long start(int range) {
        return starts[range];
    }

    /// Exclusive.
    public long end(int range) {
        return ends[range];
    }

    /// How many rows.
    public long rows() {
        long rows = 0;
        for (int i = 0; i < starts.length; i++) {
            rows += ends[i] - starts[i];
        }
        return rows;
    }

    /// The rows that are in both.
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

    /// Takes ranges in ascending order; those that touch become one.
    public static final class Builder {
        private long[] starts = new long[8];
        private long[] ends = new long[8];
        private int size;

        /// Rows `from` to `to`, exclusive; nothing if there are none.
        public void add(long from, long to) {
            if (from >= to) {
                return;
            }
            if (size > 0 && from < ends[size - 1]) {
                throw new IllegalArgumentException("rows from %d after rows to %d".formatted(from, ends[size - 1]));
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
