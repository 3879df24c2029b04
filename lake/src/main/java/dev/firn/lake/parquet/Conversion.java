package dev.firn.lake.parquet;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/// How values of a file's physical type become values of the column's type. All conversions are exact; there is none
/// that could lose information.
enum Conversion {
    NONE,
    INT_TO_LONG,
    /// Unsigned 32 bits.
    UINT_TO_LONG,
    /// Unsigned 64 bits become a decimal(20, 0).
    ULONG_TO_DECIMAL,
    INT_TO_DECIMAL,
    LONG_TO_DECIMAL,
    /// Two's complement of any length, big-endian.
    BYTES_TO_DECIMAL,
    FLOAT_TO_DOUBLE,
    /// IEEE half precision, two bytes, little-endian.
    HALF_TO_FLOAT,
    /// Milliseconds in 32 bits.
    INT_MILLIS_TO_MICROS,
    MILLIS_TO_MICROS,
    /// Only of whole microseconds; others are refused.
    NANOS_TO_MICROS;

    Vector target(Vector raw) {
        return switch (this) {
            case NONE, MILLIS_TO_MICROS, NANOS_TO_MICROS -> throw new IllegalStateException(this + " is done in place");
            case INT_TO_LONG, UINT_TO_LONG, INT_MILLIS_TO_MICROS -> new Vector.Longs();
            case ULONG_TO_DECIMAL, INT_TO_DECIMAL, LONG_TO_DECIMAL, BYTES_TO_DECIMAL -> new ByteVector();
            case FLOAT_TO_DOUBLE -> new Vector.Doubles();
            case HALF_TO_FLOAT -> new Vector.Floats();
        };
    }

    boolean inPlace() {
        return this == NONE || this == MILLIS_TO_MICROS || this == NANOS_TO_MICROS;
    }

    /// Converts the first `count` rows of `raw` into `target`; neither has nulls. For an in-place conversion `raw`
    /// is `target`.
    void convert(Vector raw, int count, Vector target) {
        target.reserve(count);
        switch (this) {
            case NONE -> {}
            case MILLIS_TO_MICROS -> millisToMicros(((Vector.Longs) raw).values, count);
            case NANOS_TO_MICROS -> nanosToMicros(((Vector.Longs) raw).values, count);
            case INT_TO_LONG -> widen(((Vector.Ints) raw).values, count, -1L, 1L, ((Vector.Longs) target).values);
            case UINT_TO_LONG ->
                widen(((Vector.Ints) raw).values, count, 0xFFFF_FFFFL, 1L, ((Vector.Longs) target).values);
            case INT_MILLIS_TO_MICROS ->
                widen(((Vector.Ints) raw).values, count, -1L, 1_000L, ((Vector.Longs) target).values);
            case FLOAT_TO_DOUBLE -> widen(((Vector.Floats) raw).values, count, ((Vector.Doubles) target).values);
            case HALF_TO_FLOAT -> halves((ByteVector) raw, count, ((Vector.Floats) target).values);
            case INT_TO_DECIMAL -> {
                int[] values = ((Vector.Ints) raw).values;
                ByteVector bytes = restarted(target);
                for (int i = 0; i < count; i++) {
                    appendDecimal(bytes, values[i]);
                }
            }
            case LONG_TO_DECIMAL -> {
                long[] values = ((Vector.Longs) raw).values;
                ByteVector bytes = restarted(target);
                for (int i = 0; i < count; i++) {
                    appendDecimal(bytes, values[i]);
                }
            }
            case ULONG_TO_DECIMAL -> {
                long[] values = ((Vector.Longs) raw).values;
                ByteVector bytes = restarted(target);
                for (int i = 0; i < count; i++) {
                    byte[] value = new BigInteger(Long.toUnsignedString(values[i])).toByteArray();
                    bytes.appendBytes(value, 0, value.length);
                }
            }
            case BYTES_TO_DECIMAL -> {
                ByteVector values = (ByteVector) raw;
                ByteVector bytes = restarted(target);
                for (int i = 0; i < count; i++) {
                    appendDecimal(bytes, values.data, values.offsets[i], values.offsets[i + 1]);
                }
            }
        }
        target.size = count;
    }

    private static ByteVector restarted(Vector target) {
        target.size = 0;
        return (ByteVector) target;
    }

    private static void widen(int[] from, int count, long mask, long factor, long[] to) {
        for (int i = 0; i < count; i++) {
            to[i] = (from[i] & mask) * factor;
        }
    }

    private static void widen(float[] from, int count, double[] to) {
        for (int i = 0; i < count; i++) {
            to[i] = from[i];
        }
    }

    private static void halves(ByteVector from, int count, float[] to) {
        for (int i = 0; i < count; i++) {
            int at = from.offsets[i];
            to[i] = Float.float16ToFloat((short) ((from.data[at] & 0xFF) | from.data[at + 1] << 8));
        }
    }

    /// A time that overflows 64-bit microseconds fails rather than wraps.
    private static void millisToMicros(long[] values, int count) {
        for (int i = 0; i < count; i++) {
            try {
                values[i] = Math.multiplyExact(values[i], 1_000L);
            } catch (ArithmeticException e) {
                throw new CorruptParquetException(
                        "a timestamp of %d ms overflows 64-bit microseconds".formatted(values[i]), e);
            }
        }
    }

    private static void nanosToMicros(long[] values, int count) {
        for (int i = 0; i < count; i++) {
            if (values[i] % 1_000L != 0) {
                throw new UnreadableColumnException(
                        "a time of %d ns is not a whole number of microseconds, which the table's type holds; make the column timestamp_ns or timestamptz_ns, or write whole microseconds"
                                .formatted(values[i]));
            }
            values[i] /= 1_000L;
        }
    }

    static void appendDecimal(ByteVector bytes, long unscaled) {
        int length = Math.max(1, (64 - Long.numberOfLeadingZeros(unscaled ^ (unscaled >> 63)) + 8) >>> 3);
        bytes.reserve(bytes.size + 1);
        bytes.reserveBytes(length);
        int at = bytes.offsets[bytes.size];
        for (int i = length - 1; i >= 0; i--) {
            bytes.data[at++] = (byte) (unscaled >> (8 * i));
        }
        bytes.offsets[++bytes.size] = at;
    }

    /// Appends two's complement without redundant leading bytes.
    static void appendDecimal(ByteVector bytes, byte[] data, int from, int to) {
        if (from == to) {
            throw new CorruptParquetException("an empty decimal");
        }
        int start = from;
        while (start < to - 1 && data[start] == (data[start + 1] >> 7)) {
            start++;
        }
        bytes.appendBytes(data, start, to - start);
    }

    /// Converts a bound from statistics; null if this conversion does not preserve bounds.
    @Nullable
    Long convertBound(long raw) {
        return switch (this) {
            case NONE, INT_TO_LONG -> raw;
            case INT_MILLIS_TO_MICROS, MILLIS_TO_MICROS -> {
                long high = Math.multiplyHigh(raw, 1_000L);
                long low = raw * 1_000L;
                yield high == low >> 63 ? (Long) low : null;
            }
            case NANOS_TO_MICROS -> raw % 1_000L == 0 ? (Long) (raw / 1_000L) : null;
            case UINT_TO_LONG,
                    ULONG_TO_DECIMAL,
                    INT_TO_DECIMAL,
                    LONG_TO_DECIMAL,
                    BYTES_TO_DECIMAL,
                    FLOAT_TO_DOUBLE,
                    HALF_TO_FLOAT -> null;
        };
    }
}
