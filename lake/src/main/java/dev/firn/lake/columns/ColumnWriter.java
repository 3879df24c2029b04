package dev.firn.lake.columns;

import dev.firn.lake.columns.ColumnLayout.Form;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/// Writes one column to a temporary file, from its first row to its last. Not thread-safe.
///
/// The file is written with `write`, since a mapped file on a full disk kills the process. It is not synced: after a
/// power cut its checksums show what did not reach the disk, and it is read from the table again.
public final class ColumnWriter implements AutoCloseable {
    private static final int BUFFER_BYTES = 128 << 10;

    private final FileChannel channel;
    private final Arena arena = Arena.ofConfined();
    private final Form form;
    private final int width;
    private final long rows;
    private final Section values;
    private final Section strings;
    private final long[] nulls;
    private long row;
    private long dataBytes;
    private int longest;
    private boolean anyNull;
    private int dictionary;

    /// A part of the file that is written from its start to its end.
    private final class Section {
        private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, Long.BYTES);
        private long at;
        private int used;

        Section(long start) {
            this.at = ColumnLayout.HEADER_BYTES + start;
        }

        void put(MemorySegment bytes) throws IOException {
            for (long from = 0; from < bytes.byteSize(); ) {
                int count = (int) Math.min(bytes.byteSize() - from, BUFFER_BYTES - used);
                MemorySegment.copy(bytes, from, buffer, used, count);
                from += count;
                used += count;
                if (used == BUFFER_BYTES) {
                    flush();
                }
            }
        }

        void put(long word) throws IOException {
            if (used == BUFFER_BYTES) {
                flush();
            }
            buffer.set(ValueLayout.JAVA_LONG, used, word);
            used += Long.BYTES;
        }

        void flush() throws IOException {
            write(channel, buffer.asSlice(0, used).asByteBuffer(), at);
            at += used;
            used = 0;
        }
    }

    /// @param width bytes of a value or a code; 0 for strings
    ColumnWriter(FileChannel channel, Form form, int width, long rows) throws IOException {
        this.channel = channel;
        this.form = form;
        this.width = width;
        this.rows = rows;
        ColumnLayout empty = layout(form == Form.STRINGS ? rows : 0);
        this.values = new Section(empty.valuesAt());
        this.strings = new Section(empty.dataAt());
        this.nulls = new long[Math.toIntExact(empty.nullWords())];
        if (form == Form.STRINGS) {
            values.put(0L);
        }
    }

    /// Adds the values or codes of the next rows.
    public void rows(int count, MemorySegment bytes) throws IOException {
        if (bytes.byteSize() != (long) count * width || row + count > rows) {
            throw new IllegalArgumentException("%d bytes for %d rows of %d bytes, at row %d of %d"
                    .formatted(bytes.byteSize(), count, width, row, rows));
        }
        values.put(bytes);
        row += count;
    }

    /// Adds the next row of strings.
    public void row(MemorySegment bytes) throws IOException {
        if (form != Form.STRINGS || row == rows) {
            throw new IllegalStateException("row %d of %d".formatted(row, rows));
        }
        strings.put(bytes);
        dataBytes += bytes.byteSize();
        longest = (int) Math.max(longest, bytes.byteSize());
        values.put(dataBytes);
        row++;
    }

    /// Marks a row that was added as null.
    public void setNull(long nullRow) {
        anyNull = true;
        nulls[(int) (nullRow >>> 6)] |= 1L << nullRow;
    }

    /// Adds the strings of the codes, after all rows.
    ///
    /// @param ends where each string ends in `bytes`
    public void dictionary(int[] ends, int count, MemorySegment bytes) throws IOException {
        if (form != Form.CODES || row != rows) {
            throw new IllegalStateException("the dictionary comes after the rows");
        }
        dictionary = count;
        dataBytes = count == 0 ? 0 : ends[count - 1];
        Section offsets = new Section(layout(count).offsetsAt());
        offsets.put(0L);
        for (int i = 0; i < count; i++) {
            offsets.put((long) ends[i]);
            longest = Math.max(longest, ends[i] - (i == 0 ? 0 : ends[i - 1]));
        }
        offsets.flush();
        Section data = new Section(layout(count).dataAt());
        data.put(bytes.asSlice(0, dataBytes));
        data.flush();
    }

    /// Writes what is left, the checksums and at last the header. Returns the size of the file.
    long finish(byte[] key) throws IOException {
        if (row != rows) {
            throw new IllegalStateException("%d of %d rows were written".formatted(row, rows));
        }
        values.flush();
        strings.flush();
        ColumnLayout layout = layout(form == Form.STRINGS ? rows : dictionary);
        if (anyNull) {
            Section bits = new Section(layout.nullsAt());
            bits.put(MemorySegment.ofArray(nulls));
            bits.flush();
        }
        // gives the padding and the slack at the end of the body their bytes
        ByteBuffer end = ByteBuffer.allocate(Integer.BYTES * layout.blocks()).order(ByteOrder.nativeOrder());
        write(channel, end, ColumnLayout.HEADER_BYTES + layout.bodyBytes());
        int[] checksums = checksums(layout);
        end.clear().asIntBuffer().put(checksums);
        write(channel, end, ColumnLayout.HEADER_BYTES + layout.bodyBytes());
        write(channel, layout.header(key, checksums), 0);
        return layout.fileBytes();
    }

    private int[] checksums(ColumnLayout layout) throws IOException {
        try (Arena mapping = Arena.ofConfined()) {
            MemorySegment body =
                    channel.map(FileChannel.MapMode.READ_ONLY, ColumnLayout.HEADER_BYTES, layout.bodyBytes(), mapping);
            int[] checksums = new int[layout.blocks()];
            for (int block = 0; block < checksums.length; block++) {
                checksums[block] = StoredColumn.checksum(body, block);
            }
            return checksums;
        } catch (InternalError unreadable) {
            throw new IOException("the disk cannot read what was written", unreadable);
        }
    }

    private ColumnLayout layout(long count) {
        return new ColumnLayout(form, width, rows, count, dataBytes, longest, anyNull);
    }

    private static void write(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
        bytes.rewind();
        for (long to = at; bytes.hasRemaining(); ) {
            to += channel.write(bytes, to);
        }
    }

    @Override
    public void close() throws IOException {
        arena.close();
        channel.close();
    }
}
