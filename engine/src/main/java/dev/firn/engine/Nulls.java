package dev.firn.engine;

import java.util.Arrays;
import java.util.Objects;

/// Which rows of a column are null: one bit per row, set if the row is null. Immutable.
public final class Nulls {
    /// No nulls, for any number of rows.
    public static final Nulls NONE = new Nulls(new long[0], 0);

    private final long[] words;
    private final int count;

    private Nulls(long[] words, int count) {
        this.words = words;
        this.count = count;
    }

    /// The first `size` bits of `words`: row `r` is bit `r & 63` of word `r >>> 6`. Takes ownership of the array and
    /// ignores bits beyond `size`.
    public static Nulls of(long[] words, int size) {
        int full = size >>> 6;
        int rest = size & 63;
        int needed = full + (rest == 0 ? 0 : 1);
        if (words.length < needed) {
            throw new IllegalArgumentException(
                    "null bits of %d rows need %d words, got %d".formatted(size, needed, words.length));
        }
        int count = 0;
        for (int i = 0; i < full; i++) {
            count += Long.bitCount(words[i]);
        }
        if (rest != 0) {
            count += Long.bitCount(words[full] & ((1L << rest) - 1));
        }
        return count == 0 ? NONE : new Nulls(words, count);
    }

    /// All of `size` rows are null.
    public static Nulls all(int size) {
        long[] words = new long[(size + 63) >>> 6];
        Arrays.fill(words, -1L);
        return of(words, size);
    }

    public boolean isNull(int row) {
        return count != 0 && (words[row >>> 6] & (1L << row)) != 0;
    }

    /// The number of null rows.
    public int count() {
        return count;
    }

    public boolean any() {
        return count != 0;
    }

    /// The nulls of the given rows, in the given order. Row `-1` is null.
    Nulls take(int[] rows) {
        Builder taken = new Builder(rows.length);
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] < 0 || isNull(rows[i])) {
                taken.set(i);
            }
        }
        return taken.build();
    }

    /// Marks rows as null. Not thread-safe. Do not use it after `build`.
    public static final class Builder {
        private final int size;
        private long[] words = new long[0];

        public Builder(int size) {
            this.size = size;
        }

        public Builder set(int row) {
            Objects.checkIndex(row, size);
            if (words.length == 0) {
                words = new long[(size + 63) >>> 6];
            }
            words[row >>> 6] |= 1L << row;
            return this;
        }

        public Nulls build() {
            return words.length == 0 ? NONE : Nulls.of(words, size);
        }
    }
}
