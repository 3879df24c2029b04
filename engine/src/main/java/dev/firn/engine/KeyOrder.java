package dev.firn.engine;

import java.util.Arrays;

/// How the values of a key column are held and sorted (Iceberg's sort order of each type). Nulls are no keys.
public enum KeyOrder {
    /// A [LongColumn]: integers, dates, times, timestamps, booleans as 0 and 1.
    LONG,
    /// A [BytesColumn] in unsigned order of its bytes: string (which is code point order), binary, fixed, uuid.
    UNSIGNED_BYTES,
    /// A [BytesColumn] of big-endian two's complement numbers of the least length: decimals of one scale.
    SIGNED_NUMBER;

    /// Compares row `i` of `left` with row `j` of `right`; both of this order's kind, neither null.
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

    /// Least lengths: among numbers of one sign the longer is the further from zero.
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
