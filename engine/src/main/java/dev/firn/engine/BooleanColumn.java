package dev.firn.engine;

import java.util.Arrays;

/// Iceberg's boolean.
public final class BooleanColumn implements Column {
    private final boolean[] values;
    private final int size;
    private final Nulls nulls;

    public BooleanColumn(boolean[] values, int size, Nulls nulls) {
        Column.checkSize(values.length, size);
        this.values = values;
        this.size = size;
        this.nulls = nulls;
    }

    /// A column without nulls.
    public static BooleanColumn of(boolean... values) {
        return new BooleanColumn(values, values.length, Nulls.NONE);
    }

    public boolean[] values() {
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
    public BooleanColumn take(int[] rows) {
        boolean[] taken = new boolean[rows.length];
        for (int i = 0; i < rows.length; i++) {
            taken[i] = rows[i] < 0 ? false : values[rows[i]];
        }
        return new BooleanColumn(taken, rows.length, nulls.take(rows));
    }

    /// Appends booleans.
    public static final class Builder implements ColumnBuilder {
        private final NullBits nulls = new NullBits();
        private boolean[] values;
        private int size;

        public Builder(int expectedRows) {
            values = new boolean[Math.max(expectedRows, 16)];
        }

        public Builder append(boolean value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size + (size >> 1));
            }
            values[size++] = value;
            return this;
        }

        @Override
        public Builder appendNull() {
            nulls.set(size);
            return append(false);
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public BooleanColumn build() {
            return new BooleanColumn(values, size, nulls.build(size));
        }
    }
}
