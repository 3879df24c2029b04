package dev.firn.engine;

import java.util.Arrays;

/// Iceberg's float; every bit pattern is kept.
public final class FloatColumn implements Column {
    private final float[] values;
    private final int size;
    private final Nulls nulls;

    public FloatColumn(float[] values, int size, Nulls nulls) {
        Column.checkSize(values.length, size);
        this.values = values;
        this.size = size;
        this.nulls = nulls;
    }

    /// A column without nulls.
    public static FloatColumn of(float... values) {
        return new FloatColumn(values, values.length, Nulls.NONE);
    }

    public float[] values() {
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
    public FloatColumn take(int[] rows) {
        float[] taken = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            taken[i] = rows[i] < 0 ? 0f : values[rows[i]];
        }
        return new FloatColumn(taken, rows.length, nulls.take(rows));
    }

    /// Appends floats.
    public static final class Builder implements ColumnBuilder {
        private final NullBits nulls = new NullBits();
        private float[] values;
        private int size;

        public Builder(int expectedRows) {
            values = new float[Math.max(expectedRows, 16)];
        }

        public Builder append(float value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size + (size >> 1));
            }
            values[size++] = value;
            return this;
        }

        @Override
        public Builder appendNull() {
            nulls.set(size);
            return append(0f);
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public FloatColumn build() {
            return new FloatColumn(values, size, nulls.build(size));
        }
    }
}
