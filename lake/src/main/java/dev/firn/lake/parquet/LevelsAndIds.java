package dev.firn.lake.parquet;

import java.util.Arrays;

/// Parquet's run-length / bit-packed hybrid (Encodings.md, RLE = 3), by runs and not by values. Serves definition
/// levels and dictionary ids. Not thread-safe.
final class LevelsAndIds {
    private byte[] buffer = new byte[0];
    private int at;
    private int end;
    private int width;
    private int[] unpacked = new int[0];

    void init(byte[] bytes, int from, int to, int bitWidth) {
        if (bitWidth < 0 || bitWidth > 32) {
            throw new CorruptParquetException("a bit width of " + bitWidth);
        }
        buffer = bytes;
        at = from;
        end = to;
        width = bitWidth;
    }

    /// Decodes `count` ids, each less than `limit`. The array returned is reused by the next call.
    int[] ids(int count, int limit) {
        if (unpacked.length < count + 8) {
            unpacked = new int[count + 8];
        }
        int done = 0;
        while (done < count) {
            int header = width == 0 ? count << 1 : varint();
            if ((header & 1) == 0) {
                int run = Math.min(header >>> 1, count - done);
                if (run == 0) {
                    throw new CorruptParquetException("an empty run of ids");
                }
                Arrays.fill(unpacked, done, done + run, width == 0 ? 0 : repeated());
                done += run;
            } else {
                done += unpack(header >>> 1, done, count);
            }
        }
        for (int i = 0; i < count; i++) {
            if (unpacked[i] < 0 || unpacked[i] >= limit) {
                throw new CorruptParquetException("id %d of a dictionary of %d".formatted(unpacked[i], limit));
            }
        }
        return unpacked;
    }

    /// Decodes the levels of `rows` rows and marks those below `maxLevel` as null. Returns how many are not.
    int presence(int rows, int maxLevel, Vector vector) {
        int done = 0;
        int present = 0;
        while (done < rows) {
            int header = varint();
            if ((header & 1) == 0) {
                int run = Math.min(header >>> 1, rows - done);
                if (run == 0) {
                    throw new CorruptParquetException("an empty run of levels");
                }
                if (repeated() == maxLevel) {
                    present += run;
                } else {
                    vector.setNulls(done, done + run);
                }
                done += run;
            } else {
                if (unpacked.length < rows + 8) {
                    unpacked = new int[rows + 8];
                }
                int run = unpack(header >>> 1, 0, rows - done);
                for (int i = 0; i < run; i++) {
                    if (unpacked[i] == maxLevel) {
                        present++;
                    } else {
                        vector.setNulls(done + i, done + i + 1);
                    }
                }
                done += run;
            }
        }
        return present;
    }

    /// Unpacks groups of 8 into `unpacked[to…]`, at most up to `limit`; returns how many count.
    private int unpack(int groups, int to, int limit) {
        int wanted = (int) Math.min(8L * groups, limit - to);
        if (wanted == 0) {
            throw new CorruptParquetException("an empty run of packed values");
        }
        long bits = 0;
        int have = 0;
        int in = at;
        long mask = (1L << width) - 1;
        for (int i = 0; i < wanted; i++) {
            while (have < width) {
                if (in >= end) {
                    throw new CorruptParquetException("packed values end early");
                }
                bits |= (buffer[in++] & 0xFFL) << have;
                have += 8;
            }
            unpacked[to + i] = (int) (bits & mask);
            bits >>>= width;
            have -= width;
        }
        at = (int) Math.min(end, at + (long) groups * width);
        return wanted;
    }

    private int repeated() {
        int bytes = (width + 7) >>> 3;
        if (at + bytes > end) {
            throw new CorruptParquetException("a run ends early");
        }
        int value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (buffer[at++] & 0xFF) << (8 * i);
        }
        return value;
    }

    private int varint() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (at >= end) {
                throw new CorruptParquetException("levels or ids end early");
            }
            int next = buffer[at++];
            value |= (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new CorruptParquetException("a run's header is too long");
    }
}
