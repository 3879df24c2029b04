package dev.firn.lake.columns;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/// An unpacked column, mapped into memory. Thread-safe.
///
/// The mapping lives as long as somebody holds the column: the cache until it evicts it, a reader until [#release].
/// Files of the cache are unlinked and never cut, so a mapping that is in use stays whole.
///
/// Blocks are compared with their checksums when they are first read, in this process. Two threads may both do it;
/// that `verified` is not synchronised costs no more.
public final class StoredColumn {
    private final ColumnKey key;
    private final Arena arena;
    private final MemorySegment body;
    private final ColumnLayout layout;
    private final int[] checksums;
    private final boolean[] verified;
    private final AtomicInteger holders = new AtomicInteger(1);

    private StoredColumn(ColumnKey key, Arena arena, MemorySegment file, ColumnLayout.Checked checked) {
        this.key = key;
        this.arena = arena;
        this.layout = checked.layout();
        this.body = file.asSlice(ColumnLayout.HEADER_BYTES, layout.bodyBytes());
        this.checksums = checked.checksums();
        this.verified = new boolean[checksums.length];
    }

    /// Maps a file and checks its header. The caller holds the column.
    static StoredColumn open(Path path, ColumnKey key) throws IOException, DamagedColumnException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new StoredColumn(key, arena, file, ColumnLayout.read(file, key.bytes()));
        } catch (IOException | DamagedColumnException | RuntimeException e) {
            arena.close();
            throw e;
        } catch (InternalError unreadable) {
            arena.close();
            throw new DamagedColumnException("its header cannot be read");
        }
    }

    ColumnKey key() {
        return key;
    }

    public ColumnLayout layout() {
        return layout;
    }

    /// Holds the column; false if it was evicted and nobody holds it any more.
    boolean hold() {
        for (int held = holders.get(); held > 0; held = holders.get()) {
            if (holders.compareAndSet(held, held + 1)) {
                return true;
            }
        }
        return false;
    }

    /// Ends the use. The last one unmaps the file.
    public void release() {
        if (holders.decrementAndGet() == 0) {
            arena.close();
        }
    }

    /// Checks the values or codes of the rows `from` to `to`, exclusive.
    public void checkValues(long from, long to) throws DamagedColumnException {
        check(layout.valuesAt() + from * layout.width(), layout.valuesAt() + to * layout.width());
    }

    /// Checks the ends of the strings `from` to `to`, exclusive, and the end before them.
    public void checkOffsets(long from, long to) throws DamagedColumnException {
        check(layout.offsetsAt() + from * Long.BYTES, layout.offsetsAt() + (to + 1) * Long.BYTES);
    }

    /// Checks the bytes `from` to `to` of the strings, exclusive, and the slack after them.
    public void checkData(long from, long to) throws DamagedColumnException {
        if (from < to) {
            check(layout.dataAt() + from, layout.dataAt() + to + ColumnLayout.SLACK_BYTES);
        }
    }

    /// Checks the null bits of the rows `from` to `to`, exclusive.
    public void checkNulls(long from, long to) throws DamagedColumnException {
        if (layout.hasNulls() && from < to) {
            check(layout.nullsAt() + (from >>> 6) * Long.BYTES, layout.nullsAt() + (((to - 1) >>> 6) + 1) * Long.BYTES);
        }
    }

    private void check(long from, long to) throws DamagedColumnException {
        int last = (int) ((to - 1) >>> ColumnLayout.BLOCK_SHIFT);
        for (int block = (int) (from >>> ColumnLayout.BLOCK_SHIFT); from < to && block <= last; block++) {
            if (!verified[block]) {
                verify(block);
            }
        }
    }

    private void verify(int block) throws DamagedColumnException {
        int checksum;
        try {
            checksum = checksum(body, block);
        } catch (InternalError unreadable) {
            throw new DamagedColumnException("block %d cannot be read".formatted(block));
        }
        if (checksum != checksums[block]) {
            throw new DamagedColumnException("block %d does not match its checksum".formatted(block));
        }
        verified[block] = true;
    }

    /// Of a copy: a page that the disk cannot read, or that was cut off, kills the process if CRC32C meets it in the
    /// mapping. A copy throws InternalError.
    static int checksum(MemorySegment body, int block) {
        long from = (long) block << ColumnLayout.BLOCK_SHIFT;
        byte[] copy = new byte[(int) Math.min(1L << ColumnLayout.BLOCK_SHIFT, body.byteSize() - from)];
        MemorySegment.copy(body, ValueLayout.JAVA_BYTE, from, copy, 0, copy.length);
        CRC32C crc = new CRC32C();
        crc.update(copy);
        return (int) crc.getValue();
    }

    /// The values or codes. Check them before you read them, and hold the column.
    public MemorySegment values() {
        return body.asSlice(layout.valuesAt(), layout.rows() * layout.width());
    }

    /// Where string `i` begins in [#data]; `i` may be the number of strings.
    public long offset(long i) {
        return body.get(ValueLayout.JAVA_LONG_UNALIGNED, layout.offsetsAt() + i * Long.BYTES);
    }

    /// The bytes of the strings, with eight readable bytes after them.
    public MemorySegment data() {
        return body.asSlice(layout.dataAt(), layout.nullsAt() - layout.dataAt());
    }

    /// The null bits of the rows `64 * word` to `64 * word + 63`; a set bit is a null.
    public long nullWord(long word) {
        return layout.hasNulls() ? body.get(ValueLayout.JAVA_LONG_UNALIGNED, layout.nullsAt() + word * Long.BYTES) : 0;
    }
}
