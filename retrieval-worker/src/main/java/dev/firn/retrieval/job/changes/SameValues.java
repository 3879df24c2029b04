package dev.firn.retrieval.job.changes;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DictionaryColumn;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.ObjectColumn;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.StructLike;
import org.jspecify.annotations.Nullable;

/// Compares values as they are stored: floating-point numbers by their bits, so that NaN equals itself and 0.0 differs
/// from -0.0; decimals with their scale; maps in the order of their entries.
public final class SameValues {
    private SameValues() {}

    /// Marks the rows of `now` whose value differs from that in `then`.
    ///
    /// @param rows the rows of `now` to compare are `rows[first]` and those that follow
    /// @param then the values to compare with, one for each of these rows
    static void markDiffering(Column now, int[] rows, int first, Column then, BitSet marks) {
        for (int i = 0; i < then.size(); i++) {
            int row = rows[first + i];
            if (!marks.get(row) && !isSame(now, row, then, i)) {
                marks.set(row);
            }
        }
    }

    private static boolean isSame(Column now, int row, Column then, int i) {
        if (now.isNull(row) || then.isNull(i)) {
            return now.isNull(row) && then.isNull(i);
        }
        return switch (now) {
            case BooleanColumn it -> it.values()[row] == ((BooleanColumn) then).values()[i];
            case IntColumn it -> it.values()[row] == ((IntColumn) then).values()[i];
            case LongColumn it -> it.values()[row] == ((LongColumn) then).values()[i];
            case FloatColumn it -> bits(it.values()[row]) == bits(((FloatColumn) then).values()[i]);
            case DoubleColumn it -> bits(it.values()[row]) == bits(((DoubleColumn) then).values()[i]);
            case BytesColumn it -> isSame(it, row, (BytesColumn) then, i);
            case ObjectColumn it -> isSame(it.values()[row], ((ObjectColumn) then).values()[i]);
            case DictionaryColumn _ ->
                throw new IllegalArgumentException("a dictionary column cannot be part of a result");
        };
    }

    private static int bits(float value) {
        return Float.floatToRawIntBits(value);
    }

    private static long bits(double value) {
        return Double.doubleToRawLongBits(value);
    }

    private static boolean isSame(BytesColumn now, int row, BytesColumn then, int i) {
        return Arrays.equals(
                now.data(),
                now.offsets()[row],
                now.offsets()[row + 1],
                then.data(),
                then.offsets()[i],
                then.offsets()[i + 1]);
    }

    /// Values within a list, map or struct.
    static boolean isSame(@Nullable Object now, @Nullable Object then) {
        return switch (now) {
            case null -> then == null;
            case Float it -> then instanceof Float other && bits(it) == bits(other);
            case Double it -> then instanceof Double other && bits(it) == bits(other);
            case byte[] it -> isSame(ByteBuffer.wrap(it), then);
            case ByteBuffer it -> then instanceof byte[] other ? it.equals(ByteBuffer.wrap(other)) : it.equals(then);
            case CharSequence it -> then instanceof CharSequence other && CharSequence.compare(it, other) == 0;
            case List<?> it -> then instanceof List<?> other && isSame(it.iterator(), other.iterator());
            case Map<?, ?> it ->
                then instanceof Map<?, ?> other
                        && isSame(it.keySet().iterator(), other.keySet().iterator())
                        && isSame(it.values().iterator(), other.values().iterator());
            case StructLike it -> then instanceof StructLike other && isSame(it, other);
            default -> Objects.equals(now, then);
        };
    }

    private static boolean isSame(Iterator<?> now, Iterator<?> then) {
        while (now.hasNext() && then.hasNext()) {
            if (!isSame(now.next(), then.next())) {
                return false;
            }
        }
        return !now.hasNext() && !then.hasNext();
    }

    private static boolean isSame(StructLike now, StructLike then) {
        if (now.size() != then.size()) {
            return false;
        }
        for (int field = 0; field < now.size(); field++) {
            if (!isSame(now.get(field, Object.class), then.get(field, Object.class))) {
                return false;
            }
        }
        return true;
    }
}
