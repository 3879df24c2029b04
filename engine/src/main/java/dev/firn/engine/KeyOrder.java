package dev.firn.engine;

import java.util.Arrays;

/// How the values of a key column are stored and sorted, in the order that Iceberg defines for each type. Keys are
/// never null.
public enum KeyOrder {
    /// A [LongColumn]: integers, dates, times, timestamps, booleans as 0 and 1.
    LONG,
    /// A [BytesColumn] in unsigned byte order: string (for which this is code point order), binary, fixed, uuid.
    UNSIGNED_BYTES,
    /// A [BytesColumn] of big-endian two's complement numbers in as few bytes as possible: decimals of one scale.
    SIGNED_NUMBER;

    /// Compares row `i` of `left` with row `j` of `right`. Both columns have this order's type, neither row is null.
    public int compare(Column left, int i, Column right, int j) {
        return switch (this) {
            case LONG -> Long.compare(((LongColumn) left).values()[i], ((LongColumn) right).values()[j]);
            case UNSIGNED_BYTES -> unsigned((BytesColumn) left, i, (BytesColumn) right, j);
            case SIGNED_NUMBER -> signed((BytesColumn) left, i, (BytesColumn) right, j);
        };
    }

    Class<? extends Column> columnKind() {
        return this == LONG ? LongColumn.class : BytesColumn.class;
    }

    private static int unsigned(BytesColumn left, int i, BytesColumn right, int j) {
        return Arrays.compareUnsigned(
                left.data(),
                left.offsets()[i],
                left.offsets()[i + 1],
                right.data(),
                right.offsets()[j],
                right.offsets()[j + 1]);
    }

    /// The encoding is minimal, so of two numbers with the same sign the longer one is further from zero.
    private static int signed(BytesColumn left, int i, BytesColumn right, int j) {
        boolean negative = left.data()[left.offsets()[i]] < 0;
        boolean otherNegative = right.data()[right.offsets()[j]] < 0;
        if (negative != otherNegative) {
            return negative ? -1 : 1;
        }
        int byLength = Integer.compare(left.length(i), right.length(j));
        if (byLength != 0) {
            return negative ? -byLength : byLength;
        }
        return unsigned(left, i, right, j);
    }
}
