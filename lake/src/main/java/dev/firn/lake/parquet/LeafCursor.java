package dev.firn.lake.parquet;

import dev.firn.engine.Column;

/// A primitive column.
final class LeafCursor implements ColumnCursor {
    private final LeafRows source;
    private final Vector gathered;

    LeafCursor(LeafRows source) {
        this.source = source;
        this.gathered = source.newVector();
    }

    @Override
    public void skip(long rows) {
        source.skip(rows);
    }

    @Override
    public void read(int rows) {
        source.read(rows, gathered);
    }

    @Override
    public void read(RowSelection rows) {
        source.take(rows, gathered);
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
        return source.maxSharedValueBytes();
    }

    @Override
    public void close() {
        source.close();
    }
}
