package dev.firn.lake.parquet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/// The PLAIN-encoded values of a page, accessed by index: in any order for values of fixed width, ascending for byte
/// arrays. Not thread-safe.
final class PlainValues {
    private static final long JULIAN_EPOCH_DAY = 2_440_588L;
    private static final long MICROS_PER_DAY = 86_400_000_000L;
    private static final int PADDING_BYTES = 8;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final PrimitiveTypeName physical;
    private final int width;
    private MemorySegment page = MemorySegment.NULL;
    private long start;
    private long end;
    /// For byte arrays: the index of the one at `nextPosition`.
    private int nextIndex;

    private long nextPosition;

    PlainValues(PrimitiveTypeName physical, int typeLength) {
        this.physical = physical;
        this.width = switch (physical) {
            case INT32, FLOAT -> 4;
            case INT64, DOUBLE -> 8;
            case INT96 -> 12;
            case FIXED_LEN_BYTE_ARRAY -> typeLength;
            case BOOLEAN, BINARY -> 0;
        };
    }

    /// Bytes of a value; 0 if variable or less than a byte.
    int width() {
        return width;
    }

    /// Opens `count` values stored between `from` and `to`. Values of fixed width fill that space, except for the zeros
    /// that fastparquet appends to each page. Other surplus would mean that a value was lost.
    void open(MemorySegment memory, long from, long to, int count) {
        long bytes = to - from;
        boolean fits =
                switch (physical) {
                    case BOOLEAN -> (count + 7L) >>> 3 <= bytes;
                    case BINARY -> (long) count * Integer.BYTES <= bytes;
                    case INT32, INT64, INT96, FLOAT, DOUBLE, FIXED_LEN_BYTE_ARRAY ->
                        (width > 0 || count == 0) && isPadding(memory, from + (long) count * width, to);
                };
        if (count < 0 || !fits) {
            throw new CorruptParquetException(
                    "%d values of type %s do not take %d bytes".formatted(count, physical, bytes));
        }
        page = memory;
        start = from;
        end = to;
        nextIndex = 0;
        nextPosition = from;
    }

    private static boolean isPadding(MemorySegment memory, long from, long to) {
        return from == to || (from == to - PADDING_BYTES && memory.get(LONG, from) == 0);
    }

    /// Whether all bytes were read, for byte arrays.
    boolean isAtEnd() {
        return physical != PrimitiveTypeName.BINARY || nextPosition == end;
    }

    /// Appends `count` values from index `first` on.
    void read(int first, int count, Vector into) {
        int size = into.size;
        into.reserve(size + count);
        long at = start + (long) first * width;
        switch (into) {
            case Vector.Ints ints -> MemorySegment.copy(page, INT, at, ints.values, size, count);
            case Vector.Longs longs
            when physical == PrimitiveTypeName.INT96 -> {
                for (int i = 0; i < count; i++) {
                    longs.values[size + i] = int96(at + 12L * i);
                }
            }
            case Vector.Longs longs -> MemorySegment.copy(page, LONG, at, longs.values, size, count);
            case Vector.Floats floats -> MemorySegment.copy(page, FLOAT, at, floats.values, size, count);
            case Vector.Doubles doubles -> MemorySegment.copy(page, DOUBLE, at, doubles.values, size, count);
            case Vector.Booleans booleans -> {
                for (int i = 0; i < count; i++) {
                    booleans.values[size + i] = bit(first + i);
                }
            }
            case ByteVector bytes -> {
                for (int i = 0; i < count; i++) {
                    readBytes(first + i, bytes);
                }
            }
        }
        into.size = size + count;
    }

    /// Appends the values at the first `count` indexes, which ascend.
    void take(int[] indexes, int count, Vector into) {
        int size = into.size;
        into.reserve(size + count);
        MemorySegment from = page;
        long base = start;
        switch (into) {
            case Vector.Ints ints -> {
                int[] values = ints.values;
                for (int i = 0; i < count; i++) {
                    values[size + i] = from.get(INT, base + 4L * indexes[i]);
                }
            }
            case Vector.Longs longs
            when physical == PrimitiveTypeName.INT96 -> {
                long[] values = longs.values;
                for (int i = 0; i < count; i++) {
                    values[size + i] = int96(base + 12L * indexes[i]);
                }
            }
            case Vector.Longs longs -> {
                long[] values = longs.values;
                for (int i = 0; i < count; i++) {
                    values[size + i] = from.get(LONG, base + 8L * indexes[i]);
                }
            }
            case Vector.Floats floats -> {
                float[] values = floats.values;
                for (int i = 0; i < count; i++) {
                    values[size + i] = from.get(FLOAT, base + 4L * indexes[i]);
                }
            }
            case Vector.Doubles doubles -> {
                double[] values = doubles.values;
                for (int i = 0; i < count; i++) {
                    values[size + i] = from.get(DOUBLE, base + 8L * indexes[i]);
                }
            }
            case Vector.Booleans booleans -> {
                for (int i = 0; i < count; i++) {
                    booleans.values[size + i] = bit(indexes[i]);
                }
            }
            case ByteVector bytes -> {
                for (int i = 0; i < count; i++) {
                    readBytes(indexes[i], bytes);
                }
            }
        }
        into.size = size + count;
    }

    private boolean bit(int index) {
        return (page.get(BYTE, start + (index >>> 3)) >>> (index & 7) & 1) != 0;
    }

    /// Nanoseconds of the day, then the Julian day, as whole microseconds since 1970. A time that overflows 64-bit
    /// microseconds fails rather than wraps.
    private long int96(long at) {
        long day = page.get(INT, at + 8) - JULIAN_EPOCH_DAY;
        long nanosOfDay = page.get(LONG, at);
        if (nanosOfDay % 1_000L != 0) {
            throw new UnreadableColumnException(
                    "an INT96 time is %d ns into its day, which is not a whole number of microseconds"
                            .formatted(nanosOfDay));
        }
        try {
            return Math.addExact(Math.multiplyExact(day, MICROS_PER_DAY), nanosOfDay / 1_000L);
        } catch (ArithmeticException e) {
            throw new CorruptParquetException(
                    "the INT96 time %d ns into day %d overflows 64-bit microseconds".formatted(nanosOfDay, day), e);
        }
    }

    private void readBytes(int index, ByteVector into) {
        if (physical == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY) {
            into.appendBytes(page, start + (long) index * width, width);
            return;
        }
        while (nextIndex < index) {
            nextPosition += Integer.BYTES + length();
            nextIndex++;
        }
        int length = length();
        into.appendBytes(page, nextPosition + Integer.BYTES, length);
        nextPosition += Integer.BYTES + length;
        nextIndex++;
    }

    /// The length of the next byte array, checked to be within the page.
    private int length() {
        if (nextPosition + Integer.BYTES > end) {
            throw new CorruptParquetException("truncated byte arrays");
        }
        int length = page.get(INT, nextPosition);
        if (length < 0 || length > end - nextPosition - Integer.BYTES) {
            throw new CorruptParquetException("a byte array of %d bytes, but only %d are left"
                    .formatted(length, end - nextPosition - Integer.BYTES));
        }
        return length;
    }
}
