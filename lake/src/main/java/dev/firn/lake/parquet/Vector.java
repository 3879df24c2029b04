package dev.firn.lake.parquet;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import java.lang.reflect.Array;
import java.util.Arrays;

/// Values between a page and a [Column]: growable, reusable arrays of one kind, and null bits.
///
/// Rows are decoded densely, without nulls, and then spread to their rows. The value of a null row is unspecified, or
/// empty for bytes. Not thread-safe.
abstract sealed class Vector permits Vector.OfArray, ByteVector {
    int size;
    private long[] nullWords = new long[0];
    private boolean anyNull;

    /// Reserves space for a total of `rows` rows and keeps the existing ones.
    abstract void reserve(int rows);

    abstract void appendValues(Vector source, int from, int to);

    /// Appends rows of `dictionary` by id.
    abstract void appendIds(Vector dictionary, int[] ids, int count);

    /// Moves `present` dense values, which start at row `start`, to the non-null ones of `rows` rows.
    abstract void spreadValues(int start, int present, int rows);

    abstract Column column(Nulls nulls);

    abstract void releaseValues();

    /// Discards all rows and keeps the arrays.
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

    /// Spreads `present` dense values, which start at row `start`, over `rows` rows. Row `from` of `presence`
    /// corresponds to row `start`; rows without a value become null.
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

    /// Spreads `present` dense values, which start at row `start`, to the non-null ones of `rows` rows.
    final void spread(int start, int present, int rows) {
        reserve(start + rows);
        spreadValues(start, present, rows);
        size = start + rows;
    }

    /// The rows as a column that shares the arrays and is valid until the next change.
    final Column view() {
        return column(nulls(nullWords));
    }

    /// The rows as a column that owns the arrays; this vector becomes empty.
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

    /// Values in an array of kind `A`.
    abstract static sealed class OfArray<A> extends Vector {
        A values = array(0);

        abstract A array(int length);

        @Override
        final void reserve(int rows) {
            int length = Array.getLength(values);
            if (rows > length) {
                A longer = array(grown(length, rows));
                System.arraycopy(values, 0, longer, 0, length);
                values = longer;
            }
        }

        @Override
        final void appendValues(Vector source, int from, int to) {
            reserve(size + to - from);
            System.arraycopy(((OfArray<?>) source).values, from, values, size, to - from);
            size += to - from;
        }

        @Override
        final void releaseValues() {
            values = array(0);
        }
    }

    static final class Booleans extends OfArray<boolean[]> {
        @Override
        boolean[] array(int length) {
            return new boolean[length];
        }

        @Override
        void appendIds(Vector dictionary, int[] ids, int count) {
            throw new IllegalStateException("booleans have no dictionary");
        }

        @Override
        void spreadValues(int start, int present, int rows) {
            boolean[] target = values;
            for (int row = start + rows - 1, dense = start + present; row >= start && dense <= row; row--) {
                if (!isNull(row)) {
                    target[row] = target[--dense];
                }
            }
        }

        @Override
        Column column(Nulls nulls) {
            return new BooleanColumn(values, size, nulls);
        }
    }

    static final class Ints extends OfArray<int[]> {
        @Override
        int[] array(int length) {
            return new int[length];
        }

        @Override
        void appendIds(Vector dictionary, int[] ids, int count) {
            reserve(size + count);
            int[] words = ((Ints) dictionary).values;
            int[] target = values;
            for (int i = 0; i < count; i++) {
                target[size + i] = words[ids[i]];
            }
            size += count;
        }

        @Override
        void spreadValues(int start, int present, int rows) {
            int[] target = values;
            for (int row = start + rows - 1, dense = start + present; row >= start && dense <= row; row--) {
                if (!isNull(row)) {
                    target[row] = target[--dense];
                }
            }
        }

        @Override
        Column column(Nulls nulls) {
            return new IntColumn(values, size, nulls);
        }
    }

    static final class Longs extends OfArray<long[]> {
        @Override
        long[] array(int length) {
            return new long[length];
        }

        @Override
        void appendIds(Vector dictionary, int[] ids, int count) {
            reserve(size + count);
            long[] words = ((Longs) dictionary).values;
            long[] target = values;
            for (int i = 0; i < count; i++) {
                target[size + i] = words[ids[i]];
            }
            size += count;
        }

        @Override
        void spreadValues(int start, int present, int rows) {
            long[] target = values;
            for (int row = start + rows - 1, dense = start + present; row >= start && dense <= row; row--) {
                if (!isNull(row)) {
                    target[row] = target[--dense];
                }
            }
        }

        @Override
        Column column(Nulls nulls) {
            return new LongColumn(values, size, nulls);
        }
    }

    static final class Floats extends OfArray<float[]> {
        @Override
        float[] array(int length) {
            return new float[length];
        }

        @Override
        void appendIds(Vector dictionary, int[] ids, int count) {
            reserve(size + count);
            float[] words = ((Floats) dictionary).values;
            float[] target = values;
            for (int i = 0; i < count; i++) {
                target[size + i] = words[ids[i]];
            }
            size += count;
        }

        @Override
        void spreadValues(int start, int present, int rows) {
            float[] target = values;
            for (int row = start + rows - 1, dense = start + present; row >= start && dense <= row; row--) {
                if (!isNull(row)) {
                    target[row] = target[--dense];
                }
            }
        }

        @Override
        Column column(Nulls nulls) {
            return new FloatColumn(values, size, nulls);
        }
    }

    static final class Doubles extends OfArray<double[]> {
        @Override
        double[] array(int length) {
            return new double[length];
        }

        @Override
        void appendIds(Vector dictionary, int[] ids, int count) {
            reserve(size + count);
            double[] words = ((Doubles) dictionary).values;
            double[] target = values;
            for (int i = 0; i < count; i++) {
                target[size + i] = words[ids[i]];
            }
            size += count;
        }

        @Override
        void spreadValues(int start, int present, int rows) {
            double[] target = values;
            for (int row = start + rows - 1, dense = start + present; row >= start && dense <= row; row--) {
                if (!isNull(row)) {
                    target[row] = target[--dense];
                }
            }
        }

        @Override
        Column column(Nulls nulls) {
            return new DoubleColumn(values, size, nulls);
        }
    }
}
