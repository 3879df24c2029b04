package dev.firn.engine;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Values of variable length, end to end in one array: string (UTF-8), binary, fixed, uuid (16 bytes, big-endian)
/// and decimal (the unscaled value in big-endian two's complement, in as few bytes as possible).
///
/// Row `r` is `data[offsets[r]]` to `data[offsets[r + 1]]`, exclusive. The first offset may be any, and offsets never
/// decrease. A null row has an empty range.
public final class BytesColumn implements Column {
    /// The most that one array can hold.
    static final int MAX_BYTES = Integer.MAX_VALUE - 16;

    private final byte[] data;
    private final int[] offsets;
    private final int size;
    private final Nulls nulls;

    public BytesColumn(byte[] data, int[] offsets, int size, Nulls nulls) {
        Column.checkSize(offsets.length - 1, size);
        if (offsets[0] < 0 || offsets[size] > data.length) {
            throw new IllegalArgumentException("offsets %d to %d are outside the %d bytes of data"
                    .formatted(offsets[0], offsets[size], data.length));
        }
        this.data = data;
        this.offsets = offsets;
        this.size = size;
        this.nulls = nulls;
    }

    /// A column of strings without nulls.
    public static BytesColumn ofStrings(String... values) {
        Builder builder = new Builder(values.length);
        for (String value : values) {
            builder.append(value);
        }
        return builder.build();
    }

    public byte[] data() {
        return data;
    }

    public int[] offsets() {
        return offsets;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Nulls nulls() {
        return nulls;
    }

    /// A row's length in bytes.
    public int length(int row) {
        return offsets[row + 1] - offsets[row];
    }

    /// A copy of a row's bytes.
    public byte[] bytes(int row) {
        return Arrays.copyOfRange(data, offsets[row], offsets[row + 1]);
    }

    /// A row decoded from UTF-8.
    public String string(int row) {
        return new String(data, offsets[row], length(row), StandardCharsets.UTF_8);
    }

    @Override
    public BytesColumn take(int[] rows) {
        int[] starts = new int[rows.length + 1];
        long total = 0;
        for (int i = 0; i < rows.length; i++) {
            total += rows[i] < 0 ? 0 : length(rows[i]);
            if (total > MAX_BYTES) {
                throw new IllegalArgumentException(
                        "%d rows need more than %d bytes: take fewer rows at once".formatted(rows.length, MAX_BYTES));
            }
            starts[i + 1] = (int) total;
        }
        byte[] taken = new byte[(int) total];
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] >= 0) {
                System.arraycopy(data, offsets[rows[i]], taken, starts[i], starts[i + 1] - starts[i]);
            }
        }
        return new BytesColumn(taken, starts, rows.length, nulls.take(rows));
    }

    /// Appends byte strings.
    public static final class Builder implements ColumnBuilder {
        private final NullBits nulls = new NullBits();
        private byte[] data;
        private int[] offsets;
        private int size;

        public Builder(int expectedRows) {
            offsets = new int[Math.max(expectedRows, 16) + 1];
            data = new byte[offsets.length * 8];
        }

        public Builder append(byte[] source, int from, int length) {
            int start = offsets[size];
            reserve(start, length);
            System.arraycopy(source, from, data, start, length);
            offsets[++size] = start + length;
            return this;
        }

        public Builder append(byte[] value) {
            return append(value, 0, value.length);
        }

        public Builder append(String value) {
            return append(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public Builder appendNull() {
            nulls.set(size);
            return append(data, 0, 0);
        }

        private void reserve(int start, int length) {
            long needed = (long) start + length;
            if (needed > MAX_BYTES) {
                throw new IllegalStateException(
                        "row %d does not fit: a column holds at most %d bytes".formatted(size, MAX_BYTES));
            }
            if (needed > data.length) {
                data = Arrays.copyOf(data, (int) Math.min(MAX_BYTES, Math.max(needed, data.length * 3L / 2)));
            }
            if (size + 1 == offsets.length) {
                offsets = Arrays.copyOf(offsets, offsets.length + (offsets.length >> 1));
            }
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public BytesColumn build() {
            return new BytesColumn(data, offsets, size, nulls.build(size));
        }
    }
}
