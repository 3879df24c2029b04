package dev.firn.engine;

import java.util.Arrays;

/// Byte strings of which each row names one of a dictionary: keys as a reader finds them stored. What would be done to
/// every row's bytes is done to each distinct value once.
public final class DictionaryColumn implements Column {
    private final Dictionary dictionary;
    private final int[] ids;
    private final int size;
    private final Nulls nulls;

    /// @param ids for each row its value's number in the dictionary; of a null row any
    public DictionaryColumn(Dictionary dictionary, int[] ids, int size, Nulls nulls) {
        Column.checkSize(ids.length, size);
        this.dictionary = dictionary;
        this.ids = ids;
        this.size = size;
        this.nulls = nulls;
    }

    /// Values that many columns may share, none of them null. For one thread at a time.
    public static final class Dictionary {
        private final BytesColumn values;
        private long[] hashes = new long[0];

        public Dictionary(BytesColumn values) {
            this.values = values;
        }

        /// Of every value as one key column.
        long[] hashes() {
            if (hashes.length < values.size()) {
                hashes = new long[values.size()];
                for (int i = 0; i < hashes.length; i++) {
                    hashes[i] = KeyHash.of(values.data(), values.offsets()[i], values.length(i));
                }
            }
            return hashes;
        }
    }

    BytesColumn dictionary() {
        return dictionary.values;
    }

    long[] dictionaryHashes() {
        return dictionary.hashes();
    }

    int[] ids() {
        return ids;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Nulls nulls() {
        return nulls;
    }

    @Override
    public DictionaryColumn take(int[] rows) {
        int[] taken = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            taken[i] = rows[i] < 0 ? 0 : ids[rows[i]];
        }
        return new DictionaryColumn(dictionary, taken, rows.length, nulls.take(rows));
    }

    /// Every row with bytes of its own.
    public BytesColumn expanded() {
        int[] rows = Arrays.copyOf(ids, size);
        for (int i = 0; nulls.any() && i < size; i++) {
            rows[i] = nulls.isNull(i) ? -1 : rows[i];
        }
        return dictionary.values.take(rows);
    }
}
