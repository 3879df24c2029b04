package dev.firn.lake.scan;

import org.apache.iceberg.deletes.PositionDeleteIndex;

/// One bit per row of a data file, set if a position delete or a deletion vector hides the row. Filled by one thread,
/// then read by many.
final class PositionMask {
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
