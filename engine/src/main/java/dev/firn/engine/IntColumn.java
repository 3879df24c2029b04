package dev.firn.engine;

import java.util.Arrays;

/// Iceberg's int and date (days since 1970-01-01).
public final class IntColumn implements Column {
    private final int[] values;
    private final int size;
    private final Nulls nulls;

    public IntColumn(int[] values, int size, Nulls nulls) {
        Column.checkSize(values.length, size);
        this.values = values;
        this.size = size;
        this.nulls = nulls;
    }

    /// A column without nulls.
    public static IntColumn of(int... values) {
        return new IntColumn(values, values.length, Nulls.NONE);
    }

    public int[] values() {
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
    public IntColumn take(int[] rows) {
        int[] taken = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            taken[i] = rows[i] < 0 ? 0 : values[rows[i]];
        }
        return new IntColumn(taken, rows.length, nulls.take(rows));
    }

    /// Appends ints.
    public static final class Builder implements ColumnBuilder {
        private final NullBits nulls = new NullBits();
        private int[] values;
        private int size;

        public Builder(int expectedRows) {
            values = new int[Math.max(expectedRows, 16)];
        }

        public Builder append(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size + (size >> 1));
            }
            values[size++] = value;
            return this;
        }

        @Override
        public Builder appendNull() {
            nulls.set(size);
            return append(0);
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public IntColumn build() {
            return new IntColumn(values, size, nulls.build(size));
        }
    }
}
