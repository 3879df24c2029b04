package dev.firn.lake.parquet;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DictionaryColumn;
import dev.firn.engine.IntColumn;
import org.jspecify.annotations.Nullable;

/// A byte array column whose pages are all dictionary-encoded, according to the footer: returns rows as dictionary ids.
/// A cache keeps the ids of the file's own dictionary, so they stay right if the rest has to be read from the file.
final class IdCursor implements ColumnCursor {
    private final LeafRows source;
    private final Vector.Ints ids = new Vector.Ints();
    private DictionaryColumn.@Nullable Dictionary dictionary;
    private int knownSize;

    IdCursor(LeafRows source) {
        this.source = source;
    }

    @Override
    public void skip(long rows) {
        source.skip(rows);
    }

    @Override
    public void read(int rows) {
        source.readIds(rows, ids);
    }

    @Override
    public void read(RowSelection rows) {
        throw new UnsupportedOperationException("key columns are read by ranges, not by selected rows");
    }

    @Override
    public Column view() {
        return new DictionaryColumn(
                dictionary(), ids.values, ids.size, ids.view().nulls());
    }

    /// Another one if values came in that were not in it, and if the rest comes from the file.
    private DictionaryColumn.Dictionary dictionary() {
        DictionaryColumn.Dictionary known = dictionary;
        if (known == null || knownSize != source.dictionarySize()) {
            Column values = source.dictionary()
                    .orElseThrow(
                            () -> new CorruptParquetException("a column chunk has dictionary ids but no dictionary"));
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
        source.close();
    }
}
