package dev.firn.lake.parquet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Parquet's run-length / bit-packed hybrid (Encodings.md, RLE = 3), by runs and not by values. Eight bytes after
/// the runs must be readable. Not thread-safe.
final class Runs {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment bytes;
    private final long end;
    private final int width;
    private final long mask;
    private long at;
    private boolean repeated;
    private int value;
    private int left;
    private long bit;

    Runs(MemorySegment bytes, long from, long to, int width) {
        if (width < 0 || width > 32) {
            throw new CorruptParquetException("a bit width of " + width);
        }
        this.bytes = bytes;
        this.at = from;
        this.end = to;
        this.width = width;
        this.mask = (1L << width) - 1;
    }

    /// Opens the next run unless one is open; returns how much of it there is, at most `most`, at least 1.
    int next(int most) {
        if (left == 0) {
            open();
        }
        return Math.min(left, most);
    }

    boolean isRepeated() {
        return repeated;
    }

    /// Of a repeated run.
    int value() {
        return value;
    }

    private void open() {
        if (width == 0) {
            repeated = true;
            value = 0;
            left = Integer.MAX_VALUE;
            return;
        }
        int header = varint();
        repeated = (header & 1) == 0;
        if (repeated) {
            left = header >>> 1;
            value = repeatedValue();
        } else {
            long length = Math.min((header >>> 1) * (long) width, end - at);
            left = (int) Math.min(Integer.MAX_VALUE, length * 8 / width);
            bit = at << 3;
            at += length;
        }
        if (left == 0) {
            throw new CorruptParquetException("an empty run, or one that ends early");
        }
    }

    /// Passes over `count` values.
    void skip(int count) {
        for (int done = 0; done < count; ) {
            int run = next(count - done);
            consume(run);
            done += run;
        }
    }

    private void consume(int run) {
        left -= run;
        bit += (long) run * width;
    }

    /// Fills `into[to…]` with the next `count` values.
    void read(int count, int[] into, int to) {
        for (int done = 0; done < count; ) {
            int run = next(count - done);
            if (repeated) {
                Arrays.fill(into, to + done, to + done + run, value);
            } else {
                unpack(run, into, to + done);
            }
            consume(run);
            done += run;
        }
    }

    private void unpack(int run, int[] into, int to) {
        long at = bit;
        for (int i = 0; i < run; i++) {
            into[to + i] = (int) (bytes.get(LONG, at >>> 3) >>> (at & 7) & mask);
            at += width;
        }
    }

    private int repeatedValue() {
        int size = (width + 7) >>> 3;
        if (at + size > end) {
            throw new CorruptParquetException("a run ends early");
        }
        int of = 0;
        for (int i = 0; i < size; i++) {
            of |= (bytes.get(BYTE, at++) & 0xFF) << (8 * i);
        }
        return of;
    }

    private int varint() {
        int of = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (at >= end) {
                throw new CorruptParquetException("levels or ids end early");
            }
            int next = bytes.get(BYTE, at++);
            of |= (next & 0x7F) << shift;
            if (next >= 0) {
                return of;
            }
        }
        throw new CorruptParquetException("a run's header is too long");
    }
}
