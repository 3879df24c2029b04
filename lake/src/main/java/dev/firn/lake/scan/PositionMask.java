package dev.firn.lake.scan;

import org.apache.iceberg.deletes.PositionDeleteIndex;

/// A bit for each row of a data file that a position delete or deletion vector hides. Filled by one thread, then
/// read by many.
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

    /// A position that the file does not have hides nothing.
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

    /// Marks rows `position` and following that are hidden.
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
