package dev.firn.lake.parquet;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Which rows of a page have a value, from its definition levels, and the index of each row among the values. Fast if
/// rows are queried in ascending order. Not thread-safe.
final class Presence {
    private long[] words = new long[0];
    private int[] levels = new int[0];
    private int rows;
    private int present;
    private int cachedRow;
    private int cachedIndex;

    /// Every row has a value.
    void all(int count) {
        rows = count;
        present = count;
    }

    /// Reads levels in the run-length / bit-packed hybrid: a row has a value if its level is `maxLevel`.
    void of(MemorySegment bytes, long from, long to, int count, int maxLevel) {
        rows = count;
        present = 0;
        cachedRow = 0;
        cachedIndex = 0;
        int wordCount = (count + 63) >>> 6;
        if (words.length < wordCount + 1) {
            words = new long[wordCount + 1];
        } else {
            Arrays.fill(words, 0, wordCount, 0);
        }
        HybridRuns runs = new HybridRuns(bytes, from, to, 32 - Integer.numberOfLeadingZeros(maxLevel));
        for (int done = 0; done < count; ) {
            int run = runs.next(count - done);
            if (runs.isRepeated()) {
                if (runs.repeatedValue() == maxLevel) {
                    set(done, done + run);
                    present += run;
                }
                runs.skip(run);
            } else {
                packed(runs, done, run, maxLevel);
            }
            done += run;
        }
    }

    private void packed(HybridRuns runs, int done, int run, int maxLevel) {
        if (levels.length < run) {
            levels = new int[run];
        }
        runs.read(run, levels, 0);
        for (int i = 0; i < run; i++) {
            long bit = levels[i] == maxLevel ? 1 : 0;
            words[(done + i) >>> 6] |= bit << (done + i);
            present += (int) bit;
        }
    }

    private void set(int from, int to) {
        int last = (to - 1) >>> 6;
        for (int word = from >>> 6; word <= last; word++) {
            long low = word == from >>> 6 ? -1L << from : -1L;
            long high = word == last ? -1L >>> -to : -1L;
            words[word] |= low & high;
        }
    }

    /// Number of values in the page.
    int presentCount() {
        return present;
    }

    boolean isAll() {
        return present == rows;
    }

    boolean isPresent(int row) {
        return isAll() || (words[row >>> 6] & 1L << row) != 0;
    }

    /// How many of the rows before this one have a value. Cheap if rows ascend.
    int valueIndex(int row) {
        if (isAll()) {
            return row;
        }
        if (row < cachedRow) {
            cachedRow = 0;
            cachedIndex = 0;
        }
        int word = cachedRow >>> 6;
        while (word < row >>> 6) {
            cachedIndex += Long.bitCount(words[word] & -1L << cachedRow);
            cachedRow = ++word << 6;
        }
        cachedIndex += Long.bitCount(words[word] & -1L << cachedRow & ~(-1L << row));
        cachedRow = row;
        return cachedIndex;
    }
}
