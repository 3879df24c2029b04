package dev.firn.lake.columns;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// How a file of the cache is laid out, in the byte order of this machine:
///
/// ```
/// header     4096 bytes: magic, checksum, this record, the key
/// values     VALUES: each row's value; CODES: each row's id in the dictionary
/// offsets    where each byte string ends within `data`: of the dictionary, or of the rows (STRINGS)
/// data       the bytes of the strings
/// nulls      a bit per row, if there are any
/// checksums  CRC32C of each block of 64 KiB between header and checksums
/// ```
///
/// Each section begins at a multiple of 8. The header's checksum covers the header and all checksums, so whatever was
/// changed shows: in the header when a file is opened, in a block when it is read first.
///
/// @param width bytes of a value or a code
/// @param strings in the dictionary or, without one, as many as rows; 0 for other values
/// @param dataBytes of all strings
/// @param longestString in bytes
public record ColumnLayout(
        Form form, int width, long rows, long strings, long dataBytes, int longestString, boolean hasNulls) {
    static final int HEADER_BYTES = 4096;
    static final int BLOCK_SHIFT = 16;
    /// Readable bytes after the strings: short ones are copied in whole words.
    static final int SLACK_BYTES = 8;

    /// Raise it with each change of this layout, and of what a conversion makes of a value: names of files and their
    /// headers contain it, so that no version of Firn reads what another one has written.
    static final int VERSION = 2;

    /// Names the version and the order of bytes.
    private static final byte[] MAGIC = "FIRN%s%03d"
            .formatted(ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? "B" : "L", VERSION)
            .getBytes(StandardCharsets.US_ASCII);
    private static final int CHECKSUM_AT = 8;
    private static final int FIELDS_AT = 12;
    private static final int KEY_LENGTH_AT = 52;
    private static final int KEY_AT = 64;
    static final int MAX_KEY_BYTES = HEADER_BYTES - KEY_AT;

    /// How the values of the rows are kept.
    public enum Form {
        INTS(1),
        LONGS(2),
        FLOATS(3),
        DOUBLES(4),
        BOOLEANS(5),
        /// Ids of byte strings in a dictionary. The last string is empty; null rows have its id.
        CODES(6),
        /// Byte strings, one after another. Those of null rows are empty.
        STRINGS(7);

        private final int code;

        Form(int code) {
            this.code = code;
        }

        private static Form of(int code) throws DamagedColumnException {
            for (Form form : values()) {
                if (form.code == code) {
                    return form;
                }
            }
            throw new DamagedColumnException("its header is damaged");
        }
    }

    long valuesAt() {
        return 0;
    }

    long offsetsAt() {
        return aligned(rows * width);
    }

    long dataAt() {
        return offsetsAt() + (strings == 0 && form != Form.STRINGS ? 0 : (strings + 1) * Long.BYTES);
    }

    long nullsAt() {
        return aligned(dataAt() + dataBytes + (dataBytes == 0 ? 0 : SLACK_BYTES));
    }

    /// Bytes between header and checksums.
    long bodyBytes() {
        return nullsAt() + (hasNulls ? nullWords() * Long.BYTES : 0);
    }

    long nullWords() {
        return (rows + 63) >>> 6;
    }

    int blocks() {
        return Math.toIntExact((bodyBytes() + (1L << BLOCK_SHIFT) - 1) >>> BLOCK_SHIFT);
    }

    long fileBytes() {
        return HEADER_BYTES + bodyBytes() + (long) blocks() * Integer.BYTES;
    }

    private static long aligned(long at) {
        return (at + 7) & -8L;
    }

    /// The header of a column with these checksums.
    ByteBuffer header(byte[] key, int[] checksums) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.nativeOrder());
        header.put(MAGIC).position(FIELDS_AT);
        header.putInt(form.code).putInt(width).putLong(rows).putLong(strings).putLong(dataBytes);
        header.putInt(longestString).putInt(hasNulls ? 1 : 0).putInt(key.length);
        header.position(KEY_AT).put(key);
        header.putInt(CHECKSUM_AT, checksum(header, checksums));
        return header.rewind();
    }

    private static int checksum(ByteBuffer header, int[] checksums) {
        CRC32C crc = new CRC32C();
        crc.update(header.duplicate().position(FIELDS_AT).limit(HEADER_BYTES));
        ByteBuffer table = ByteBuffer.allocate(checksums.length * Integer.BYTES).order(ByteOrder.nativeOrder());
        table.asIntBuffer().put(checksums);
        crc.update(table);
        return (int) crc.getValue();
    }

    /// A layout and the checksums of the blocks.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Checked(ColumnLayout layout, int[] checksums) {}

    /// Reads the header of a file, and compares it with the key, the size and the checksum.
    static Checked read(MemorySegment file, byte[] key) throws DamagedColumnException {
        if (file.byteSize() < HEADER_BYTES) {
            throw new DamagedColumnException("it has %d bytes".formatted(file.byteSize()));
        }
        ByteBuffer header = ByteBuffer.wrap(file.asSlice(0, HEADER_BYTES).toArray(ValueLayout.JAVA_BYTE))
                .order(ByteOrder.nativeOrder());
        ColumnLayout layout = fields(header, file.byteSize());
        if (layout.fileBytes() != file.byteSize()) {
            throw new DamagedColumnException(
                    "it has %d bytes, its header says %d".formatted(file.byteSize(), layout.fileBytes()));
        }
        int[] checksums = file.asSlice(HEADER_BYTES + layout.bodyBytes()).toArray(ValueLayout.JAVA_INT_UNALIGNED);
        if (header.getInt(CHECKSUM_AT) != checksum(header, checksums)) {
            throw new DamagedColumnException("its header does not match its checksum");
        }
        byte[] own = new byte[Math.clamp(header.getInt(KEY_LENGTH_AT), 0, MAX_KEY_BYTES)];
        header.get(KEY_AT, own);
        if (!Arrays.equals(own, key)) {
            throw new DamagedColumnException("it is another column");
        }
        return new Checked(layout, checksums);
    }

    /// The fields as they stand, if they are possible in a file of this size: nothing was compared yet.
    private static ColumnLayout fields(ByteBuffer header, long fileBytes) throws DamagedColumnException {
        byte[] magic = new byte[MAGIC.length];
        header.get(0, magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw new DamagedColumnException("it is not a column of this version");
        }
        header.position(FIELDS_AT);
        Form form = Form.of(header.getInt());
        int width = header.getInt();
        long rows = header.getLong();
        long strings = header.getLong();
        long dataBytes = header.getLong();
        if (width < 0
                || width > Long.BYTES
                || !isPossible(rows, fileBytes)
                || !isPossible(strings, fileBytes)
                || !isPossible(dataBytes, fileBytes)) {
            throw new DamagedColumnException("its header is damaged");
        }
        return new ColumnLayout(form, width, rows, strings, dataBytes, header.getInt(), header.getInt() != 0);
    }

    private static boolean isPossible(long count, long fileBytes) {
        return count >= 0 && count <= fileBytes;
    }
}
