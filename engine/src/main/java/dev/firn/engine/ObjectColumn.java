package dev.firn.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Lists, maps and structs, as objects of the table format. The engine passes them through without looking inside.
public final class ObjectColumn implements Column {
    private final @Nullable Object[] values;
    private final int size;
    private final Nulls nulls;

    public ObjectColumn(@Nullable Object[] values, int size, Nulls nulls) {
        Column.checkSize(values.length, size);
        this.values = values;
        this.size = size;
        this.nulls = nulls;
    }

    public @Nullable Object[] values() {
        return values;
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
    public ObjectColumn take(int[] rows) {
        @Nullable Object[] taken = new @Nullable Object[rows.length];
        for (int i = 0; i < rows.length; i++) {
            taken[i] = rows[i] < 0 ? null : values[rows[i]];
        }
        return new ObjectColumn(taken, rows.length, nulls.take(rows));
    }

    /// Appends objects.
    public static final class Builder implements ColumnBuilder {
        private final NullBits nulls = new NullBits();
        private @Nullable Object[] values;
        private int size;

        public Builder(int expectedRows) {
            values = new @Nullable Object[Math.max(expectedRows, 16)];
        }

        public Builder append(Object value) {
            reserve();
            values[size++] = value;
            return this;
        }

        @Override
        public Builder appendNull() {
            reserve();
            nulls.set(size);
            values[size++] = null;
            return this;
        }

        private void reserve() {
            if (size == values.length) {
                values = Arrays.copyOf(values, size + (size >> 1));
            }
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public ObjectColumn build() {
            return new ObjectColumn(values, size, nulls.build(size));
        }
    }
}
