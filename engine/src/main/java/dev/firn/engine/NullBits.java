package dev.firn.engine;

import java.util.Arrays;

/// The null bits of a column under construction.
final class NullBits {
    private long[] words = new long[0];

    void set(int row) {
        int word = row >>> 6;
        if (word >= words.length) {
            words = Arrays.copyOf(words, Math.max(word + 1, words.length * 2));
        }
        words[word] |= 1L << row;
    }

    Nulls build(int size) {
        return words.length == 0 ? Nulls.NONE : Nulls.of(Arrays.copyOf(words, (size + 63) >>> 6), size);
    }
}
