package dev.firn.lake.parquet;

import dev.firn.engine.Column;

/// A primitive column that is kept unpacked.
final class StoredCursor implements ColumnCursor {
    private final StoredRows rows;
    private final Vector gathered;

    StoredCursor(StoredRows rows, FileColumn.Leaf leaf) {
        this.rows = rows;
        this.gathered = new ValueDecoder(leaf.descriptor(), leaf.conversion()).newTarget();
    }

    @Override
    public void skip(long count) {
        rows.skip(count);
    }

    @Override
    public void read(int count) {
        rows.read(count, gathered);
    }

    @Override
    public void read(RowSelection wanted) {
        rows.take(wanted, gathered);
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
        return rows.maxSharedValueBytes();
    }

    @Override
    public void close() {
        rows.close();
    }
}
