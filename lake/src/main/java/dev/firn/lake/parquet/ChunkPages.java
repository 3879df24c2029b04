package dev.firn.lake.parquet;

import dev.firn.lake.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/// The stored pages of one column chunk, by their position in the file. Not thread-safe.
final class ChunkPages implements AutoCloseable {
    private static final int MIN_HEADER_BYTES = 64;
    private static final int HEADER_BYTES = 16 << 10;
    private static final int MAX_HEADER_BYTES = 16 << 20;

    private final FileRanges in;
    private final long start;
    private final long end;
    private final long maxUncompressedBytes;
    private final boolean isUncompressed;
    /// The position of the last body whose checksum was verified.
    private long verifiedAt = -1;

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
        this.maxUncompressedBytes = chunk.getTotalUncompressedSize();
        this.isUncompressed = chunk.getCodec() == CompressionCodecName.UNCOMPRESSED;
    }

    long start() {
        return start;
    }

    boolean isPastEnd(long position) {
        return position >= end;
    }

    /// The page at a position. What its header claims fits in the chunk and within the limits of a page.
    StoredPage page(long at) {
        StoredPage page = header(at);
        PageHeader header = page.header();
        int stored = header.getCompressed_page_size();
        int unpacked = header.getUncompressed_page_size();
        if (stored < 0 || page.end() > end) {
            throw new CorruptParquetException("a page extends beyond its column chunk");
        }
        PageLimits.PROCESS.check(stored);
        PageLimits.PROCESS.check(unpacked);
        if (unpacked > maxUncompressedBytes) {
            throw new CorruptParquetException(
                    "a page claims %d bytes, but its column chunk has %d".formatted(unpacked, maxUncompressedBytes));
        }
        if (isUncompressed && stored != unpacked) {
            throw new CorruptParquetException(
                    "an uncompressed page claims %d bytes, but has %d".formatted(unpacked, stored));
        }
        boolean isComplete =
                switch (header.getType()) {
                    case null -> false;
                    case DATA_PAGE -> header.isSetData_page_header();
                    case DATA_PAGE_V2 -> header.isSetData_page_header_v2();
                    case DICTIONARY_PAGE -> header.isSetDictionary_page_header();
                    case INDEX_PAGE -> true;
                };
        if (!isComplete) {
            throw new CorruptParquetException("a page header lacks the part for its type " + header.getType());
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
                    throw new CorruptParquetException("unreadable page header: " + Reason.of(e), e);
                }
                minBytes = Math.min(bytes.byteSize() * 4, end - at);
            }
        }
    }

    /// The bytes after the header; valid until the next call. If the page has a checksum, they match it.
    MemorySegment body(StoredPage page) {
        PageHeader header = page.header();
        int length = header.getCompressed_page_size();
        MemorySegment body = length == 0 ? MemorySegment.NULL : bytes(page.bodyAt(), length, length);
        if (header.isSetCrc() && verifiedAt != page.bodyAt()) {
            CRC32 checksum = new CRC32();
            if (length > 0) {
                checksum.update(body.asByteBuffer());
            }
            if ((int) checksum.getValue() != header.getCrc()) {
                throw new CorruptParquetException("a page of %d bytes at position %d does not match its checksum"
                        .formatted(length, page.bodyAt()));
            }
            verifiedAt = page.bodyAt();
        }
        return body;
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
