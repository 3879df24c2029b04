package dev.firn.engine;

import java.util.Arrays;

/// Dictionary-encoded byte strings: each row holds the id of a value in a dictionary, as Parquet stores them. Work on
/// the bytes, such as hashing, is done once per distinct value instead of once per row.
public final class DictionaryColumn implements Column {
    private final Dictionary dictionary;
    private final int[] ids;
    private final int size;
    private final Nulls nulls;

    /// @param ids for each row, the index of its value in the dictionary; unspecified for null rows
    public DictionaryColumn(Dictionary dictionary, int[] ids, int size, Nulls nulls) {
        Column.checkSize(ids.length, size);
        this.dictionary = dictionary;
        this.ids = ids;
        this.size = size;
        this.nulls = nulls;
    }

    /// The distinct values, without nulls. Several columns may share a dictionary, but it is not thread-safe.
    public static final class Dictionary {
        private final BytesColumn values;
        private long[] hashes = new long[0];

        public Dictionary(BytesColumn values) {
            this.values = values;
        }

        /// The hash of every value as a single-column key, computed by the first call.
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

    /// The same rows without the dictionary.
    public BytesColumn expanded() {
        int[] rows = Arrays.copyOf(ids, size);
        for (int i = 0; nulls.any() && i < size; i++) {
            rows[i] = nulls.isNull(i) ? -1 : rows[i];
        }
        return dictionary.values.take(rows);
    }
}
