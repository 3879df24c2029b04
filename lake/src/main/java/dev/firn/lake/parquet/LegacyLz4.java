package dev.firn.lake.parquet;

import io.airlift.compress.MalformedInputException;
import io.airlift.compress.lz4.Lz4Decompressor;
import java.nio.ByteBuffer;

/// Parquet's codec `LZ4`, which the format has deprecated because writers disagree on it: Hadoop puts frames around
/// blocks, others write one bare block. A page whose frames do not add up is read as one bare block.
///
/// A frame is the size of its bytes, then compressed chunks of them, each after its compressed size; both sizes are
/// big-endian. Hadoop's own codec allocates whatever such a size says, which may be the first bytes of a bare block.
final class LegacyLz4 {
    private LegacyLz4() {}

    /// Unpacks a page of exactly `size` bytes. Throws [CorruptParquetException].
    static byte[] decompress(byte[] page, int size) {
        byte[] bytes = new byte[size];
        if (!isFramed(page, bytes)) {
            int unpacked = chunk(page, 0, page.length, bytes, 0);
            if (unpacked != size) {
                throw new CorruptParquetException("an LZ4 page has %d bytes, expected %d".formatted(unpacked, size));
            }
        }
        return bytes;
    }

    private static boolean isFramed(byte[] page, byte[] target) {
        ByteBuffer in = ByteBuffer.wrap(page);
        int filled = 0;
        while (in.remaining() >= Integer.BYTES) {
            long end = filled + (long) in.getInt();
            if (end < filled || end > target.length) {
                return false;
            }
            while (filled < end) {
                int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
                if (length < 0 || length > in.remaining()) {
                    return false;
                }
                int unpacked = chunk(page, in.position(), length, target, filled);
                if (unpacked <= 0) {
                    return false;
                }
                filled += unpacked;
                in.position(in.position() + length);
            }
            if (filled != end) {
                return false;
            }
        }
        return filled == target.length && !in.hasRemaining();
    }

    /// Returns the number of bytes, or -1 if this is no LZ4 block that fits.
    private static int chunk(byte[] page, int from, int length, byte[] target, int at) {
        try {
            return new Lz4Decompressor().decompress(page, from, length, target, at, target.length - at);
        } catch (MalformedInputException | IllegalArgumentException | IndexOutOfBoundsException e) {
            return -1;
        }
    }
}
