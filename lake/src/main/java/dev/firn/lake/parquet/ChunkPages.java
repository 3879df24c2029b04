package dev.firn.lake.parquet;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/// The stored pages of one column chunk, by their position in the file. Not thread-safe.
final class ChunkPages implements AutoCloseable {
    private static final int MIN_HEADER_BYTES = 64;
    private static final int HEADER_BYTES = 16 << 10;
    private static final int MAX_HEADER_BYTES = 16 << 20;
    private static final int MAX_PAGE_BYTES = 1 << 30;

    private final FileRanges in;
    private final long start;
    private final long end;

    /// A page: its header and the position of its body.
    record StoredPage(PageHeader header, long bodyAt) {
        long end() {
            return bodyAt + header.getCompressed_page_size();
        }
    }

    ChunkPages(FileRanges in, ColumnChunkMetaData chunk) {
        this.in = in;
        this.start = chunk.getStartingPos();
        this.end = start + chunk.getTotalSize();
    }

    long start() {
        return start;
    }

    boolean isPastEnd(long position) {
        return position >= end;
    }

    /// The page at a position.
    StoredPage page(long at) {
        StoredPage page = header(at);
        PageHeader header = page.header();
        if (header.getCompressed_page_size() < 0
                || header.getUncompressed_page_size() < 0
                || header.getUncompressed_page_size() > MAX_PAGE_BYTES
                || page.end() > end) {
            throw new CorruptParquetException("a page extends beyond its column chunk");
        }
        return page;
    }

    private StoredPage header(long at) {
        long minBytes = Math.min(MIN_HEADER_BYTES, end - at);
        while (true) {
            MemorySegment bytes = bytes(at, minBytes, Math.max(minBytes, Math.min(HEADER_BYTES, end - at)));
            ByteBufferInputStream stream = ByteBufferInputStream.wrap(bytes.asByteBuffer());
            try {
                PageHeader header = Util.readPageHeader(stream);
                return new StoredPage(header, at + stream.position());
            } catch (IOException | RuntimeException e) {
                if (bytes.byteSize() >= end - at || bytes.byteSize() >= MAX_HEADER_BYTES) {
                    throw new CorruptParquetException("unreadable page header: " + e.getMessage(), e);
                }
                minBytes = Math.min(bytes.byteSize() * 4, end - at);
            }
        }
    }

    /// The bytes after the header; valid until the next call.
    MemorySegment body(StoredPage page) {
        int length = page.header().getCompressed_page_size();
        return length == 0 ? MemorySegment.NULL : bytes(page.bodyAt(), length, length);
    }

    private MemorySegment bytes(long at, long minBytes, long maxBytes) {
        try {
            return in.read(at, minBytes, maxBytes);
        } catch (EOFException e) {
            throw new CorruptParquetException("unexpected end of file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        in.close();
    }
}
