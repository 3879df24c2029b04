package dev.firn.lake.parquet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Decodes Parquet's run-length / bit-packed hybrid (Encodings.md, RLE = 3) run by run. Eight bytes after the runs must
/// be readable. Not thread-safe.
final class HybridRuns {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment bytes;
    private final long end;
    private final int width;
    private final long mask;
    private long position;
    private boolean repeated;
    private int repeatedValue;
    private int remainingInRun;
    private long bitPosition;

    HybridRuns(MemorySegment bytes, long from, long to, int width) {
        if (width < 0 || width > 32) {
            throw new CorruptParquetException("invalid bit width " + width);
        }
        this.bytes = bytes;
        this.position = from;
        this.end = to;
        this.width = width;
        this.mask = (1L << width) - 1;
    }

    /// Opens the next run unless one is open; returns how many of its values remain, between 1 and `limit`.
    int next(int limit) {
        if (remainingInRun == 0) {
            open();
        }
        return Math.min(remainingInRun, limit);
    }

    boolean isRepeated() {
        return repeated;
    }

    /// The value of a repeated run.
    int repeatedValue() {
        return repeatedValue;
    }

    private void open() {
        if (width == 0) {
            repeated = true;
            repeatedValue = 0;
            remainingInRun = Integer.MAX_VALUE;
            return;
        }
        int header = varint();
        repeated = (header & 1) == 0;
        if (repeated) {
            remainingInRun = header >>> 1;
            repeatedValue = readRepeatedValue();
        } else {
            long length = Math.min((header >>> 1) * (long) width, end - position);
            remainingInRun = (int) Math.min(Integer.MAX_VALUE, length * 8 / width);
            bitPosition = position << 3;
            position += length;
        }
        if (remainingInRun == 0) {
            throw new CorruptParquetException("an empty or truncated run");
        }
    }

    /// Skips `count` values.
    void skip(int count) {
        for (int done = 0; done < count; ) {
            int run = next(count - done);
            consume(run);
            done += run;
        }
    }

    private void consume(int run) {
        remainingInRun -= run;
        bitPosition += (long) run * width;
    }

    /// Fills `into[to…]` with the next `count` values.
    void read(int count, int[] into, int to) {
        for (int done = 0; done < count; ) {
            int run = next(count - done);
            if (repeated) {
                Arrays.fill(into, to + done, to + done + run, repeatedValue);
            } else {
                unpack(run, into, to + done);
            }
            consume(run);
            done += run;
        }
    }

    private void unpack(int run, int[] into, int to) {
        long bit = bitPosition;
        for (int i = 0; i < run; i++) {
            into[to + i] = (int) (bytes.get(LONG, bit >>> 3) >>> (bit & 7) & mask);
            bit += width;
        }
    }

    private int readRepeatedValue() {
        int size = (width + 7) >>> 3;
        if (position + size > end) {
            throw new CorruptParquetException("a truncated run");
        }
        int value = 0;
        for (int i = 0; i < size; i++) {
            value |= (bytes.get(BYTE, position++) & 0xFF) << (8 * i);
        }
        return value;
    }

    private int varint() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (position >= end) {
                throw new CorruptParquetException("truncated levels or ids");
            }
            int next = bytes.get(BYTE, position++);
            value |= (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new CorruptParquetException("the header of a run is too long");
    }
}
