package dev.firn.lake.parquet;

import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.Nulls;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Strings and binaries: one byte array and the end offset of each row.
final class ByteVector extends Vector {
    private static final int SHORT_BYTES = 64;
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    byte[] data = new byte[0];
    int[] offsets = new int[1];

    @Override
    void reserve(int rows) {
        if (rows + 1 > offsets.length) {
            offsets = Arrays.copyOf(offsets, grown(offsets.length, rows + 1));
        }
    }

    /// Bytes of the longest row.
    int maxLength() {
        int max = 0;
        for (int row = 0; row < size; row++) {
            max = Math.max(max, offsets[row + 1] - offsets[row]);
        }
        return max;
    }

    /// Reserves `more` bytes after the last row, plus one word of slack.
    void reserveBytes(long more) {
        long needed = offsets[size] + more + Long.BYTES;
        if (needed > Integer.MAX_VALUE - 16) {
            throw new IllegalStateException(
                    "a batch of one column needs %d bytes, which exceeds the limit of an array".formatted(needed));
        }
        if (needed > data.length) {
            data = Arrays.copyOf(data, grown(data.length, (int) needed));
        }
    }

    /// Eight bytes after the source's bytes must be readable: short strings are copied word by word, which costs a
    /// fraction of setting up an array copy.
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
        ByteVector bytes = (ByteVector) source;
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
        ByteVector words = (ByteVector) dictionary;
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
    Column column(Nulls nulls) {
        return new BytesColumn(data, offsets, size, nulls);
    }

    @Override
    void releaseValues() {
        data = new byte[0];
        offsets = new int[1];
    }
}
