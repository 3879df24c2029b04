package dev.firn.lake.scan;

import dev.firn.lake.parquet.RowRanges;
import org.apache.iceberg.deletes.PositionDeleteIndex;

/// One bit per row of a data file, set if a position delete or a deletion vector hides the row. Filled by one thread,
/// then read by many.
final class PositionMask {
    /// Rows that are read together if one of them is wanted: less than most writers put into a page.
    private static final int WINDOW = 1 << 13;

    private final long rows;
    private long[] words = new long[0];

    PositionMask(long rows) {
        this.rows = rows;
    }

    void add(PositionDeleteIndex index) {
        if (index.isNotEmpty()) {
            index.forEach(this::set);
        }
    }

    /// Positions beyond the end of the file are ignored.
    void set(long position) {
        if (position >= 0 && position < rows) {
            if (words.length == 0) {
                words = new long[Math.toIntExact((rows + 63) >>> 6)];
            }
            words[(int) (position >>> 6)] |= 1L << position;
        }
    }

    boolean isEmpty() {
        return words.length == 0;
    }

    /// Whether all rows that `other` hides are hidden here. Both are of the same file.
    boolean containsAll(PositionMask other) {
        for (int i = 0; i < other.words.length; i++) {
            if ((other.words[i] & ~(words.length == 0 ? 0 : words[i])) != 0) {
                return false;
            }
        }
        return true;
    }

    /// Ranges of rows, relative to `first`, that cover the hidden ones among the `size` rows from `first`.
    RowRanges around(long first, long size) {
        RowRanges.Builder ranges = new RowRanges.Builder();
        for (long from = 0; from < size; from += WINDOW) {
            long to = Math.min(size, from + WINDOW);
            if (anyHidden(first + from, first + to)) {
                ranges.add(from, to);
            }
        }
        return ranges.build();
    }

    /// The share of a file that must be read to read the hidden rows.
    double shareRead() {
        return rows == 0 ? 0 : (double) around(0, rows).rows() / rows;
    }

    private boolean anyHidden(long from, long to) {
        if (words.length == 0) {
            return false;
        }
        int first = (int) (from >>> 6);
        int last = (int) ((to - 1) >>> 6);
        for (int at = first; at <= last; at++) {
            long word = words[at];
            word &= at == first ? -1L << from : -1L;
            word &= at == last ? -1L >>> -to : -1L;
            if (word != 0) {
                return true;
            }
        }
        return false;
    }

    /// Marks the rows among the `size` rows from `position` that are *not* hidden.
    void markOthers(long position, int size, boolean[] deleted) {
        for (int i = 0; i < size; i++) {
            long at = position + i;
            deleted[i] |= words.length == 0 || (words[(int) (at >>> 6)] & 1L << at) == 0;
        }
    }

    /// Marks the hidden rows among the `size` rows from `position`.
    void mark(long position, int size, boolean[] deleted) {
        if (words.length == 0) {
            return;
        }
        for (int i = 0; i < size; ) {
            long at = position + i;
            int bitsInWord = (int) Math.min(Long.SIZE - (at & 63), size - i);
            long hidden = words[(int) (at >>> 6)] >>> at;
            for (; hidden != 0; hidden &= hidden - 1) {
                int row = Long.numberOfTrailingZeros(hidden);
                if (row >= bitsInWord) {
                    break;
                }
                deleted[i + row] = true;
            }
            i += bitsInWord;
        }
    }
}
