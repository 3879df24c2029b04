package dev.firn.engine;

import java.util.Arrays;

/// Iceberg's long, time (microseconds of the day) and timestamps (microseconds since 1970, or nanoseconds for the
/// nanosecond types). Also every key that fits into 64 bits, see [SpineIndex].
public final class LongColumn implements Column {
    private final long[] values;
    private final int size;
    private final Nulls nulls;

    public LongColumn(long[] values, int size, Nulls nulls) {
        Column.checkSize(values.length, size);
        this.values = values;
        this.size = size;
        this.nulls = nulls;
    }

    /// A column without nulls.
    public static LongColumn of(long... values) {
        return new LongColumn(values, values.length, Nulls.NONE);
    }

    public long[] values() {
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
    public LongColumn take(int[] rows) {
        long[] taken = new long[rows.length];
        for (int i = 0; i < rows.length; i++) {
            taken[i] = rows[i] < 0 ? 0L : values[rows[i]];
        }
        return new LongColumn(taken, rows.length, nulls.take(rows));
    }

    /// Appends longs.
    public static final class Builder implements ColumnBuilder {
        private final NullBits nulls = new NullBits();
        private long[] values;
        private int size;

        public Builder(int expectedRows) {
            values = new long[Math.max(expectedRows, 16)];
        }

        public Builder append(long value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size + (size >> 1));
            }
            values[size++] = value;
            return this;
        }

        @Override
        public Builder appendNull() {
            nulls.set(size);
            return append(0L);
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public LongColumn build() {
            return new LongColumn(values, size, nulls.build(size));
        }
    }
}
