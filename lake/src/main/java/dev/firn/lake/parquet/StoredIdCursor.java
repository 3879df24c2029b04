package dev.firn.lake.parquet;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DictionaryColumn;
import dev.firn.engine.IntColumn;
import org.jspecify.annotations.Nullable;

/// A dictionary-encoded byte array column that is kept unpacked: returns rows as dictionary ids. They are the ids of
/// the file's own dictionary, so they stay right if the rest has to be read from the file.
final class StoredIdCursor implements ColumnCursor {
    private final StoredRows rows;
    private final Vector.Ints ids = new Vector.Ints();
    private DictionaryColumn.@Nullable Dictionary dictionary;
    private int knownSize;

    StoredIdCursor(StoredRows rows) {
        this.rows = rows;
    }

    @Override
    public void skip(long count) {
        rows.skip(count);
    }

    @Override
    public void read(int count) {
        rows.readIds(count, ids);
    }

    @Override
    public void read(RowSelection wanted) {
        throw new UnsupportedOperationException("key columns are read by ranges, not by selected rows");
    }

    @Override
    public Column view() {
        return new DictionaryColumn(
                dictionary(), ids.values, ids.size, ids.view().nulls());
    }

    /// Another one if the rest comes from the file, and if values came in that were not in its dictionary.
    private DictionaryColumn.Dictionary dictionary() {
        Column values = rows.strings();
        DictionaryColumn.Dictionary known = dictionary;
        if (known == null || knownSize != values.size()) {
            known = new DictionaryColumn.Dictionary((BytesColumn) values);
            dictionary = known;
            knownSize = values.size();
        }
        return known;
    }

    @Override
    public void clear() {
        ids.clear();
    }

    @Override
    public Column take() {
        Column taken = ids.take();
        return new DictionaryColumn(dictionary(), ((IntColumn) taken).values(), taken.size(), taken.nulls());
    }

    @Override
    public void close() {
        rows.close();
    }
}
