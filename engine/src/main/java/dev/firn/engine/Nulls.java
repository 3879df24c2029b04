package dev.firn.engine;

import java.util.Objects;

/// Which rows of a column are null: a bit per row, set where the row is null. Immutable.
public final class Nulls {
    /// No row is null, however many rows there are.
    public static final Nulls NONE = new Nulls(new long[0], 0);

    private final long[] words;
    private final int count;

    private Nulls(long[] words, int count) {
        this.words = words;
        this.count = count;
    }

    /// Takes the first `size` bits of `words` (row `r` is bit `r & 63` of word `r >>> 6`). The array becomes the
    /// receiver's; bits beyond `size` are ignored.
    public static Nulls of(long[] words, int size) {
        int full = size >>> 6;
        int rest = size & 63;
        int needed = full + (rest == 0 ? 0 : 1);
        if (words.length < needed) {
            throw new IllegalArgumentException("%d words hold no null bits for %d rows".formatted(words.length, size));
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

    /// Every one of `size` rows is null.
    public static Nulls all(int size) {
        long[] words = new long[(size + 63) >>> 6];
        java.util.Arrays.fill(words, -1L);
        return of(words, size);
    }

    public boolean isNull(int row) {
        return count != 0 && (words[row >>> 6] & (1L << row)) != 0;
    }

    /// How many rows are null.
    public int count() {
        return count;
    }

    public boolean any() {
        return count != 0;
    }

    /// The nulls of the rows taken in this order; `-1` is null.
    Nulls take(int[] rows) {
        Builder taken = new Builder(rows.length);
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] < 0 || isNull(rows[i])) {
                taken.set(i);
            }
        }
        return taken.build();
    }

    /// Marks rows as null. Not thread-safe; of no use after `build`.
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
