package dev.firn.lake.parquet;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;

/// A column that the file lacks: one value for all rows.
final class ConstantCursor implements ColumnCursor {
    private final FileColumn.Constant constant;
    private int rows;

    ConstantCursor(FileColumn.Constant constant) {
        this.constant = constant;
    }

    @Override
    public void skip(long count) {}

    @Override
    public void read(int count) {
        rows += count;
    }

    @Override
    public void read(RowSelection wanted) {
        rows += wanted.size();
    }

    @Override
    public Column view() {
        return ConstantColumns.of(constant.field().type(), constant.value(), rows);
    }

    @Override
    public void clear() {
        rows = 0;
    }

    @Override
    public long maxSharedValueBytes() {
        return ConstantColumns.of(constant.field().type(), constant.value(), 1) instanceof BytesColumn one
                ? one.bytes(0).length
                : 0;
    }

    @Override
    public Column take() {
        Column column = view();
        rows = 0;
        return column;
    }
}
