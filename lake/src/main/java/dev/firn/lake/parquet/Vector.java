package dev.firn.lake.parquet;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Values on their way from a page to a [Column]: growable, reusable arrays of one kind with null bits beside them.
///
/// Rows are decoded densely (nulls left out) and then spread. The value at a null row is unspecified, and empty for
/// bytes. Not thread-safe.
abstract sealed class Vector {
    int size;
    private long[] nullWords = new long[0];
    private boolean anyNull;

    /// Room for `rows` rows in all; what is there is kept.
    abstract void reserve(int rows);

    abstract void appendValues(Vector source, int from, int to);

    /// Appends rows of `dictionary` by id.
    abstract void appendIds(Vector dictionary, int[] ids, int count);

    /// Moves the `present` dense values from row `start` on to the rows that are not null of `rows`.
    abstract void spreadValues(int start, int present, int rows);

    abstract void appendEmpty(int rows);

    abstract Column column(Nulls nulls);

    abstract void releaseValues();

    /// Forgets all rows; the arrays stay.
    void clear() {
        size = 0;
        if (anyNull) {
            Arrays.fill(nullWords, 0);
            anyNull = false;
        }
    }

    final boolean isNull(int row) {
        return anyNull && row >>> 6 < nullWords.length && (nullWords[row >>> 6] & (1L << row)) != 0;
    }

    final boolean anyNull() {
        return anyNull;
    }

    final void setNulls(int from, int to) {
        if (from >= to) {
            return;
        }
        anyNull = true;
        int lastWord = (to - 1) >>> 6;
        if (lastWord >= nullWords.length) {
            nullWords = Arrays.copyOf(nullWords, Math.max(lastWord + 1, nullWords.length * 2));
        }
        for (int word = from >>> 6; word <= lastWord; word++) {
            long low = word == from >>> 6 ? -1L << from : -1L;
            long high = word == lastWord ? -1L >>> -to : -1L;
            nullWords[word] |= low & high;
        }
    }

    final void append(Vector source, int from, int to) {
        int at = size;
        appendValues(source, from, to);
        if (source.anyNull) {
            for (int i = from; i < to; i++) {
                if (source.isNull(i)) {
                    setNulls(at + i - from, at + i - from + 1);
                }
            }
        }
    }

    final void appendNulls(int rows) {
        setNulls(size, size + rows);
        appendEmpty(rows);
    }

    /// Spreads the `present` values from row `start` on to those of `rows` rows that `presence` says are there, from
    /// its row `from` on; the others become null.
    final void spread(int start, int present, int rows, Presence presence, int from) {
        if (present == rows) {
            return;
        }
        for (int row = 0; row < rows; row++) {
            if (!presence.isPresent(from + row)) {
                setNulls(start + row, start + row + 1);
            }
        }
        spread(start, present, rows);
    }

    /// Spreads the `present` values from row `start` on to those of `rows` rows that are not null.
    final void spread(int start, int present, int rows) {
        reserve(start + rows);
        spreadValues(start, present, rows);
        size = start + rows;
    }

    /// The rows as a column that shares the arrays: of use until the next change.
    final Column view() {
        return column(nulls(nullWords));
    }

    /// The rows as a column that owns the arrays; this vector starts anew.
    final Column take() {
        Column column = column(nulls(nullWords));
        nullWords = new long[0];
        anyNull = false;
        size = 0;
        releaseValues();
        return column;
    }

    private Nulls nulls(long[] words) {
        if (!anyNull) {
            return Nulls.NONE;
        }
        int needed = (size + 63) >>> 6;
        return Nulls.of(words.length < needed ? Arrays.copyOf(words, needed) : words, size);
    }

    static int grown(int length, int needed) {
        return Math.max(needed, Math.min(length + (length >> 1), Integer.MAX_VALUE - 16));
    }

    static final class Booleans extends Vector {
        boolean[] values = new boolean[0];

        @Override
        void reserve(int rows) {
            if (rows > values.length) {
                values = Arrays.copyOf(values, grown(values.length, rows));
            }
        }

        @Override
        void appendValues(Vector source, int from, int to) {
            reserve(size + to - from);
            System.arraycopy(((Booleans) source).values, from, values, size, to - from);
            size += to - from;
        }

        @Override
        void appendIds(Vector dictionary, int[] ids, int count) {
            throw new IllegalStateException("booleans have no dictionary");
        }

        @Override
        void spreadValues(int start, int present, int rows) {
            for (int row = start + rows - 1, dense = start + present; row >= start && dense <= row; row--) {
                if (!isNull(row)) {
                    values[row] = values[--dense];
                }
            }
        }

        @Override
        void appendEmpty(int rows) {
            reserve(size + rows);
            size += rows;
        }

        @Override
        Column column(Nulls nulls) {
            return new BooleanColumn(values, size, nulls);
        }

        @Override
        void releaseValues() {
            values = new boolean[0];
        }
    }

    static final class Ints extends Vector {
        int[] values = new int[0];

        @Override
        void reserve(int rows) {
            if (rows > values.length) {
                values = Arrays.copyOf(values, grown(values.length, rows));
            }
        }

        @Override
        void appendValues(Vector source, int from, int to) {
            reserve(size + to - from);
            System.arraycopy(((Ints) source).values, from, values, size, to - from);
            size += to - from;
        }

        @Override
        void appendIds(Vector dictionary, int[] ids, int count) {
            reserve(size + count);
            int[] words = ((Ints) dictionary).values;
            for (int i = 0; i < count; i++) {
                values[size + i] = words[ids[i]];
            }
            size += count;
        }

        @Override
        void spreadValues(int start, int present, int rows) {
            for (int row = start + rows - 1, dense = start + present; row >= start && dense <= row; row--) {
                if (!isNull(row)) {
                    values[row] = values[--dense];
                }
            }
        }

        @Override
        void appendEmpty(int rows) {
            reserve(size + rows);
            size += rows;
        }

        @Override
        Column column(Nulls nulls) {
            return new IntColumn(values, size, nulls);
        }

        @Override
        void releaseValues() {
            values = new int[0];
        }
    }

    static final class Longs extends Vector {
        long[] values = new long[0];

        @Override
        void reserve(int rows) {
            if (rows > values.length) {
                values = Arrays.copyOf(values, grown(values.length, rows));
            }
        }

        @Override
        void appendValues(Vector source, int from, int to) {
            reserve(size + to - from);
            System.arraycopy(((Longs) source).values, from, values, size, to - from);
            size += to - from;
        }

        @Override
        void appendIds(Vector dictionary, int[] ids, int count) {
            reserve(size + count);
            long[] words = ((Longs) dictionary).values;
            for (int i = 0; i < count; i++) {
                values[size + i] = words[ids[i]];
            }
            size += count;
        }

        @Override
        void spreadValues(int start, int present, int rows) {
            for (int row = start + rows - 1, dense = start + present; row >= start && dense <= row; row--) {
                if (!isNull(row)) {
                    values[row] = values[--dense];
                }
            }
        }

        @Override
        void appendEmpty(int rows) {
            reserve(size + rows);
            size += rows;
        }

        @Override
        Column column(Nulls nulls) {
            return new LongColumn(values, size, nulls);
        }

        @Override
        void releaseValues() {
            values = new long[0];
        }
    }

    static final class Floats extends Vector {
        float[] values = new float[0];

        @Override
        void reserve(int rows) {
            if (rows > values.length) {
                values = Arrays.copyOf(values, grown(values.length, rows));
            }
        }

        @Override
        void appendValues(Vector source, int from, int to) {
            reserve(size + to - from);
            System.arraycopy(((Floats) source).values, from, values, size, to - from);
            size += to - from;
        }

        @Override
        void appendIds(Vector dictionary, int[] ids, int count) {
            reserve(size + count);
            float[] words = ((Floats) dictionary).values;
            for (int i = 0; i < count; i++) {
                values[size + i] = words[ids[i]];
            }
            size += count;
        }

        @Override
        void spreadValues(int start, int present, int rows) {
            for (int row = start + rows - 1, dense = start + present; row >= start && dense <= row; row--) {
                if (!isNull(row)) {
                    values[row] = values[--dense];
                }
            }
        }

        @Override
        void appendEmpty(int rows) {
            reserve(size + rows);
            size += rows;
        }

        @Override
        Column column(Nulls nulls) {
            return new FloatColumn(values, size, nulls);
        }

        @Override
        void releaseValues() {
            values = new float[0];
        }
    }

    static final class Doubles extends Vector {
        double[] values = new double[0];

        @Override
        void reserve(int rows) {
            if (rows > values.length) {
                values = Arrays.copyOf(values, grown(values.length, rows));
            }
        }

        @Override
        void appendValues(Vector source, int from, int to) {
            reserve(size + to - from);
            System.arraycopy(((Doubles) source).values, from, values, size, to - from);
            size += to - from;
        }

        @Override
        void appendIds(Vector dictionary, int[] ids, int count) {
            reserve(size + count);
            double[] words = ((Doubles) dictionary).values;
            for (int i = 0; i < count; i++) {
                values[size + i] = words[ids[i]];
            }
            size += count;
        }

        @Override
        void spreadValues(int start, int present, int rows) {
            for (int row = start + rows - 1, dense = start + present; row >= start && dense <= row; row--) {
                if (!isNull(row)) {
                    values[row] = values[--dense];
                }
            }
        }

        @Override
        void appendEmpty(int rows) {
            reserve(size + rows);
            size += rows;
        }

        @Override
        Column column(Nulls nulls) {
            return new DoubleColumn(values, size, nulls);
        }

        @Override
        void releaseValues() {
            values = new double[0];
        }
    }

    static final class Bytes extends Vector {
        private static final int SHORT_BYTES = 64;
        private static final VarHandle WORDS =
                MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
        private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

        byte[] data = new byte[0];
        int[] offsets = new int[1];

        @Override
        void reserve(int rows) {
            if (rows + 1 > offsets.length) {
                offsets = Arrays.copyOf(offsets, grown(offsets.length, rows + 1));
            }
        }

        /// Room for `more` bytes after the last row, and for a word behind them.
        void reserveBytes(long more) {
            long needed = offsets[size] + more + Long.BYTES;
            if (needed > Integer.MAX_VALUE - 16) {
                throw new IllegalStateException("%d bytes of one column at once are too many".formatted(needed));
            }
            if (needed > data.length) {
                data = Arrays.copyOf(data, grown(data.length, (int) needed));
            }
        }

        /// A word behind the source's bytes must be readable: short strings are copied word by word, which takes a
        /// fraction of what setting up a copy of any length does.
        void appendBytes(MemorySegment source, long from, int length) {
            reserve(size + 1);
            reserveBytes(length);
            int at = offsets[size];
            if (length <= SHORT_BYTES) {
                for (int i = 0; i < length; i += Long.BYTES) {
                    WORDS.set(data, at + i, source.get(WORD, from + i));
                }
            } else {
                MemorySegment.copy(source, ValueLayout.JAVA_BYTE, from, data, at, length);
            }
            offsets[size + 1] = at + length;
            size++;
        }

        void appendBytes(byte[] source, int from, int length) {
            reserve(size + 1);
            reserveBytes(length);
            System.arraycopy(source, from, data, offsets[size], length);
            offsets[size + 1] = offsets[size] + length;
            size++;
        }

        @Override
        void appendValues(Vector source, int from, int to) {
            Bytes bytes = (Bytes) source;
            reserve(size + to - from);
            int first = bytes.offsets[from];
            int length = bytes.offsets[to] - first;
            reserveBytes(length);
            int shift = offsets[size] - first;
            System.arraycopy(bytes.data, first, data, offsets[size], length);
            for (int i = from; i < to; i++) {
                offsets[++size] = bytes.offsets[i + 1] + shift;
            }
        }

        @Override
        void appendIds(Vector dictionary, int[] ids, int count) {
            Bytes words = (Bytes) dictionary;
            reserve(size + count);
            long total = 0;
            for (int i = 0; i < count; i++) {
                total += words.offsets[ids[i] + 1] - words.offsets[ids[i]];
            }
            reserveBytes(total);
            int at = offsets[size];
            for (int i = 0; i < count; i++) {
                int from = words.offsets[ids[i]];
                int length = words.offsets[ids[i] + 1] - from;
                if (length <= SHORT_BYTES) {
                    for (int k = 0; k < length; k += Long.BYTES) {
                        WORDS.set(data, at + k, (long) WORDS.get(words.data, from + k));
                    }
                } else {
                    System.arraycopy(words.data, from, data, at, length);
                }
                at += length;
                offsets[++size] = at;
            }
        }

        @Override
        void spreadValues(int start, int present, int rows) {
            int end = offsets[start + present];
            for (int row = start + rows - 1, dense = start + present; row >= start; row--) {
                offsets[row + 1] = end;
                if (!isNull(row)) {
                    end = offsets[--dense];
                }
            }
        }

        @Override
        void appendEmpty(int rows) {
            reserve(size + rows);
            Arrays.fill(offsets, size + 1, size + rows + 1, offsets[size]);
            size += rows;
        }

        @Override
        Column column(Nulls nulls) {
            return new BytesColumn(data, offsets, size, nulls);
        }

        @Override
        void releaseValues() {
            data = new byte[0];
            offsets = new int[1];
        }
    }
}
