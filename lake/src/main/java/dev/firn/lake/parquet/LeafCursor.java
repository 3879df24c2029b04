package dev.firn.lake.parquet;

import dev.firn.engine.Column;

/// A primitive column.
final class LeafCursor implements ColumnCursor {
    private final ChunkReader reader;
    private final Vector gathered;

    LeafCursor(ChunkReader reader) {
        this.reader = reader;
        this.gathered = reader.newVector();
    }

    @Override
    public void skip(long rows) {
        reader.skip(rows);
    }

    @Override
    public void read(int rows) {
        reader.read(rows, gathered);
    }

    @Override
    public void read(RowSelection rows) {
        reader.take(rows, gathered);
    }

    @Override
    public Column view() {
        return gathered.view();
    }

    @Override
    public void clear() {
        gathered.clear();
    }

    @Override
    public Column take() {
        return gathered.take();
    }

    @Override
    public long maxSharedValueBytes() {
        return gathered instanceof ByteVector ? reader.maxDictionaryValueBytes() : 0;
    }

    @Override
    public void close() {
        reader.close();
    }
}
