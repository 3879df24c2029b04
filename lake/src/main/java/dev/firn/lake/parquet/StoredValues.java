package dev.firn.lake.parquet;

import dev.firn.lake.columns.ColumnLayout;
import dev.firn.lake.columns.DamagedColumnException;
import dev.firn.lake.columns.StoredColumn;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// Copies rows of a stored column into vectors. Rows must be checked before they are copied. Not thread-safe.
final class StoredValues {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final StoredColumn stored;
    private final ColumnLayout layout;
    private final MemorySegment values;
    private final MemorySegment data;
    private @Nullable ByteVector dictionary;
    private int[] scratch = new int[0];

    StoredValues(StoredColumn stored) {
        this.stored = stored;
        this.layout = stored.layout();
        this.values = stored.values();
        this.data = stored.data();
    }

    /// Checks these rows, and the whole dictionary.
    void check(long from, int count) throws DamagedColumnException {
        stored.checkNulls(from, from + count);
        switch (layout.form()) {
            case STRINGS -> {
                stored.checkOffsets(from, from + count);
                stored.checkData(stored.offset(from), stored.offset(from + count));
            }
            case CODES -> {
                stored.checkValues(from, from + count);
                checkDictionary();
            }
            case INTS, LONGS, FLOATS, DOUBLES, BOOLEANS -> stored.checkValues(from, from + count);
        }
    }

    private void checkDictionary() throws DamagedColumnException {
        if (dictionary == null) {
            stored.checkOffsets(0, layout.strings());
            stored.checkData(0, layout.dataBytes());
            ByteVector strings = new ByteVector();
            for (long i = 0; i < layout.strings(); i++) {
                appendString(i, strings);
            }
            dictionary = strings;
        }
    }

    /// The strings that codes stand for, the empty one of nulls included. Empty until a row was checked.
    ByteVector dictionary() {
        return dictionary == null ? new ByteVector() : dictionary;
    }

    void append(long from, int count, Vector out) {
        int at = out.size;
        switch (layout.form()) {
            case INTS, LONGS, FLOATS, DOUBLES, BOOLEANS -> {
                out.reserve(at + count);
                copy(from, count, out, at);
                out.size = at + count;
            }
            case CODES -> {
                if (scratch.length < count) {
                    scratch = new int[Vector.grown(scratch.length, count)];
                }
                codes(from, count, scratch, 0);
                out.appendIds(dictionary(), scratch, count);
            }
            case STRINGS -> {
                ByteVector strings = (ByteVector) out;
                for (long i = from; i < from + count; i++) {
                    appendString(i, strings);
                }
            }
        }
        appendNulls(from, count, out, at);
    }

    void appendCodes(long from, int count, Vector.Ints out) {
        int at = out.size;
        out.reserve(at + count);
        codes(from, count, out.values, at);
        appendNulls(from, count, out, at);
        out.size = at + count;
    }

    void append(RowSelection wanted, Vector out) {
        int at = out.size;
        int count = wanted.size();
        out.reserve(at + count);
        switch (layout.form()) {
            case INTS, LONGS, FLOATS, DOUBLES, BOOLEANS -> {
                takeValues(wanted, out, at);
                out.size = at + count;
            }
            case CODES, STRINGS -> {
                for (int i = 0; i < count; i++) {
                    append(wanted.row(i), 1, out);
                }
                return;
            }
        }
        if (layout.hasNulls()) {
            for (int i = 0; i < count; i++) {
                appendNulls(wanted.row(i), 1, out, at + i);
            }
        }
    }

    private void copy(long from, int count, Vector out, int at) {
        switch (out) {
            case Vector.Longs of -> MemorySegment.copy(values, LONG, from * Long.BYTES, of.values, at, count);
            case Vector.Ints of ->
                MemorySegment.copy(values, ValueLayout.JAVA_INT_UNALIGNED, from * Integer.BYTES, of.values, at, count);
            case Vector.Floats of ->
                MemorySegment.copy(values, ValueLayout.JAVA_FLOAT_UNALIGNED, from * Float.BYTES, of.values, at, count);
            case Vector.Doubles of ->
                MemorySegment.copy(
                        values, ValueLayout.JAVA_DOUBLE_UNALIGNED, from * Double.BYTES, of.values, at, count);
            case Vector.Booleans of -> {
                for (int i = 0; i < count; i++) {
                    of.values[at + i] = values.get(ValueLayout.JAVA_BYTE, from + i) != 0;
                }
            }
            case ByteVector _ -> throw new IllegalStateException("strings kept as " + layout.form());
        }
    }

    private void takeValues(RowSelection wanted, Vector out, int at) {
        int count = wanted.size();
        switch (out) {
            case Vector.Longs of -> {
                for (int i = 0; i < count; i++) {
                    of.values[at + i] = values.get(LONG, wanted.row(i) * Long.BYTES);
                }
            }
            case Vector.Ints of -> {
                for (int i = 0; i < count; i++) {
                    of.values[at + i] = values.get(ValueLayout.JAVA_INT_UNALIGNED, wanted.row(i) * Integer.BYTES);
                }
            }
            case Vector.Floats of -> {
                for (int i = 0; i < count; i++) {
                    of.values[at + i] = values.get(ValueLayout.JAVA_FLOAT_UNALIGNED, wanted.row(i) * Float.BYTES);
                }
            }
            case Vector.Doubles of -> {
                for (int i = 0; i < count; i++) {
                    of.values[at + i] = values.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, wanted.row(i) * Double.BYTES);
                }
            }
            case Vector.Booleans of -> {
                for (int i = 0; i < count; i++) {
                    of.values[at + i] = values.get(ValueLayout.JAVA_BYTE, wanted.row(i)) != 0;
                }
            }
            case ByteVector _ -> throw new IllegalStateException("strings kept as " + layout.form());
        }
    }

    private void codes(long from, int count, int[] into, int at) {
        switch (layout.width()) {
            case 1 -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = values.get(ValueLayout.JAVA_BYTE, from + i) & 0xFF;
                }
            }
            case 2 -> {
                for (int i = 0; i < count; i++) {
                    into[at + i] = values.get(ValueLayout.JAVA_SHORT_UNALIGNED, (from + i) * Short.BYTES) & 0xFFFF;
                }
            }
            default ->
                MemorySegment.copy(values, ValueLayout.JAVA_INT_UNALIGNED, from * Integer.BYTES, into, at, count);
        }
    }

    private void appendString(long i, ByteVector out) {
        long begin = stored.offset(i);
        out.appendBytes(data, begin, Math.toIntExact(stored.offset(i + 1) - begin));
    }

    private void appendNulls(long from, int count, Vector out, int at) {
        if (!layout.hasNulls() || count == 0) {
            return;
        }
        for (long word = from >>> 6; word <= (from + count - 1) >>> 6; word++) {
            for (long left = stored.nullWord(word); left != 0; left &= left - 1) {
                long nullRow = (word << 6) + Long.numberOfTrailingZeros(left);
                if (nullRow >= from && nullRow < from + count) {
                    int index = at + (int) (nullRow - from);
                    out.setNulls(index, index + 1);
                }
            }
        }
    }
}
