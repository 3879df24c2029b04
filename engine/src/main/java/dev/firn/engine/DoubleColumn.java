package dev.firn.engine;

import java.util.Arrays;

/// Iceberg's double; every bit pattern is kept.
public final class DoubleColumn implements Column {
    private final double[] values;
    private final int size;
    private final Nulls nulls;

    public DoubleColumn(double[] values, int size, Nulls nulls) {
        Column.checkSize(values.length, size);
        this.values = values;
        this.size = size;
        this.nulls = nulls;
    }

    /// A column without nulls.
    public static DoubleColumn of(double... values) {
        return new DoubleColumn(values, values.length, Nulls.NONE);
    }

    public double[] values() {
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
    public DoubleColumn take(int[] rows) {
        double[] taken = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            taken[i] = rows[i] < 0 ? 0d : values[rows[i]];
        }
        return new DoubleColumn(taken, rows.length, nulls.take(rows));
    }

    /// Appends doubles.
    public static final class Builder implements ColumnBuilder {
        private final NullBits nulls = new NullBits();
        private double[] values;
        private int size;

        public Builder(int expectedRows) {
            values = new double[Math.max(expectedRows, 16)];
        }

        public Builder append(double value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size + (size >> 1));
            }
            values[size++] = value;
            return this;
        }

        @Override
        public Builder appendNull() {
            nulls.set(size);
            return append(0d);
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public DoubleColumn build() {
            return new DoubleColumn(values, size, nulls.build(size));
        }
    }
}
