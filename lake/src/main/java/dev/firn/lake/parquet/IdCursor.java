package dev.firn.lake.parquet;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DictionaryColumn;
import org.jspecify.annotations.Nullable;

/// A byte array column whose pages are all dictionary-encoded, according to the footer: returns rows as dictionary ids.
final class IdCursor implements ColumnCursor {
    private final ChunkReader reader;
    private final Vector.Ints ids = new Vector.Ints();
    private DictionaryColumn.@Nullable Dictionary dictionary;
    private int knownSize;

    IdCursor(ChunkReader reader) {
        this.reader = reader;
    }

    @Override
    public void skip(long rows) {
        reader.skip(rows);
    }

    @Override
    public void read(int rows) {
        reader.readIds(rows, ids);
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

    /// Another one if values came in that were not in the dictionary.
    private DictionaryColumn.Dictionary dictionary() {
        DictionaryColumn.Dictionary known = dictionary;
        if (known == null || knownSize != reader.dictionarySize()) {
            Column values = reader.dictionary()
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
        Column rows = ids.take();
        return new DictionaryColumn(
                dictionary(), ((dev.firn.engine.IntColumn) rows).values(), rows.size(), rows.nulls());
    }

    @Override
    public void close() {
        reader.close();
    }
}
