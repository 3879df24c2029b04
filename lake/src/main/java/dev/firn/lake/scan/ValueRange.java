package dev.firn.lake.scan;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// The values that a file, row group or page can hold, made from the bounds that its writer stored: a column of two
/// rows, min and max, in the form in which the engine holds keys.
///
/// Writers break bounds, and a bound that is too narrow hides rows. So a range is never narrower than what common
/// faults can have left of it:
///
/// - If the min is above the max, the pair says nothing.
/// - Times are cut to milliseconds or seconds by writers that compute in those units. A max that is a whole millisecond
///   is raised by just under a millisecond, one that is a whole second by just under a second. A min before 1970 is
///   lowered likewise, because integer division cuts towards zero.
/// - A string that was cut is a prefix of the true max unless its writer raised it, so the max becomes the least value
///   that no such prefix can have.
final class ValueRange {
    private static final long[] MICRO_UNITS = {1_000_000, 1_000};
    private static final long[] NANO_UNITS = {1_000_000_000, 1_000_000, 1_000};

    private ValueRange() {}

    /// The range of a type that the engine holds as longs; empty if the bounds contradict each other.
    static Optional<Column> of(Type type, long min, long max) {
        if (min > max) {
            return Optional.empty();
        }
        long[] units =
                switch (type.typeId()) {
                    case TIME, TIMESTAMP -> MICRO_UNITS;
                    case TIMESTAMP_NANO -> NANO_UNITS;
                    default -> new long[0];
                };
        long below = min > 0 ? 0 : mayHaveLost(min, units);
        long above = mayHaveLost(max, units);
        return Optional.of(LongColumn.of(
                min < Long.MIN_VALUE + below ? Long.MIN_VALUE : min - below,
                max > Long.MAX_VALUE - above ? Long.MAX_VALUE : max + above));
    }

    /// What a value can have lost when it was cut to a unit that divides it.
    private static long mayHaveLost(long value, long[] coarsestFirst) {
        for (long unit : coarsestFirst) {
            if (value % unit == 0) {
                return unit - 1;
            }
        }
        return 0;
    }

    /// The range of a type that the engine holds as bytes; empty if the bounds say nothing.
    static Optional<Column> of(Type type, byte[] min, byte[] max) {
        if (type instanceof Types.DecimalType) {
            return min.length == 0 || max.length == 0 ? Optional.empty() : ordered(type, minimal(min), minimal(max));
        }
        if (type instanceof Types.UUIDType) {
            return min.length == max.length ? ordered(type, min, max) : Optional.empty();
        }
        return Arrays.compareUnsigned(min, max) > 0 ? Optional.empty() : ordered(type, min, withoutPrefix(max));
    }

    private static Optional<Column> ordered(Type type, byte[] min, byte[] max) {
        if (max.length == 0) {
            return Optional.empty();
        }
        byte[] data = Arrays.copyOf(min, min.length + max.length);
        System.arraycopy(max, 0, data, min.length, max.length);
        Column range = new BytesColumn(data, new int[] {0, min.length, data.length}, 2, Nulls.NONE);
        return KeyTypes.orderOf(type).compare(range, 0, range, 1) > 0 ? Optional.empty() : Optional.of(range);
    }

    /// Two's complement without redundant leading bytes.
    private static byte[] minimal(byte[] number) {
        int from = 0;
        while (from < number.length - 1 && number[from] == (number[from + 1] >> 7)) {
            from++;
        }
        return from == 0 ? number : Arrays.copyOfRange(number, from, number.length);
    }

    /// The least value of a string or binary type above all that begin with `max`; empty if there is none. Iceberg
    /// reads strings only if they are UTF-8, so the last character of a string is raised, not its last byte.
    static Optional<ByteBuffer> above(Type type, ByteBuffer max) {
        if (type.typeId() == Type.TypeID.STRING) {
            return afterPrefix(StandardCharsets.UTF_8.decode(max.duplicate()).toString())
                    .map(StandardCharsets.UTF_8::encode);
        }
        byte[] prefix = new byte[max.remaining()];
        max.duplicate().get(prefix);
        byte[] next = withoutPrefix(prefix);
        return next.length == 0 ? Optional.empty() : Optional.of(ByteBuffer.wrap(next));
    }

    private static Optional<String> afterPrefix(String prefix) {
        int end = prefix.length();
        while (end > 0) {
            int last = prefix.codePointBefore(end);
            end -= Character.charCount(last);
            if (last < Character.MAX_CODE_POINT) {
                // UTF-8 has no surrogates
                int next = last + 1 == Character.MIN_SURROGATE ? Character.MAX_SURROGATE + 1 : last + 1;
                return Optional.of(prefix.substring(0, end) + Character.toString(next));
            }
        }
        return Optional.empty();
    }

    /// The least value above all that begin with `prefix`; empty if there is none.
    private static byte[] withoutPrefix(byte[] prefix) {
        int length = prefix.length;
        while (length > 0 && prefix[length - 1] == (byte) 0xFF) {
            length--;
        }
        byte[] next = Arrays.copyOf(prefix, length);
        if (length > 0) {
            next[length - 1]++;
        }
        return next;
    }
}
