package dev.firn.lake.parquet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/// Unpacks a page: decompresses it, finds the rows that have a value and opens the values for decoding. Memory: one
/// page. Not thread-safe.
final class PageUnpacker implements AutoCloseable {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /// Stopping early costs a copy of the unpacked bytes, which pays off up to this share of a page.
    private static final double MAX_PREFIX_SHARE = 0.85;

    private final ReadBuffers buffers;
    private final CompressionCodecName codec;
    private final int maxLevel;
    private final ValueDecoder values;
    private final Presence presence = new Presence();
    private ReadBuffers.@Nullable PageMemory memory;
    private int pageRows;

    /// @param values receives each unpacked page
    PageUnpacker(ReadBuffers buffers, CompressionCodecName codec, int maxLevel, ValueDecoder values) {
        this.buffers = buffers;
        this.codec = codec;
        this.maxLevel = maxLevel;
        this.values = values;
    }

    /// Which rows of the unpacked page have a value.
    Presence presence() {
        return presence;
    }

    void dictionary(PageHeader header, MemorySegment body) {
        int size = header.getUncompressed_page_size();
        MemorySegment bytes = decompressed(body, size, 0);
        values.dictionary(bytes, 0, size, header.getDictionary_page_header().getNum_values());
    }

    /// Unpacks at least the first `needed` rows of a page of `rows` rows; returns how many were unpacked, which is
    /// usually all.
    int unpack(PageHeader header, MemorySegment body, int rows, int needed) {
        pageRows = rows;
        if (header.getType() == PageType.DATA_PAGE) {
            return unpackV1(header, body, needed);
        }
        unpackV2(header, body, header.getData_page_header_v2());
        return rows;
    }

    private int unpackV1(PageHeader header, MemorySegment body, int needed) {
        int size = header.getUncompressed_page_size();
        int prefix = prefix(header, needed);
        MemorySegment bytes = memory().sized(size);
        if (prefix == size || !buffers.codec().decompressPrefix(body, bytes.asSlice(0, prefix))) {
            prefix = size;
            bytes = decompressed(body, size, 0);
        }
        int from = 0;
        presence.all(pageRows);
        if (maxLevel > 0) {
            if (header.getData_page_header().getDefinition_level_encoding() != org.apache.parquet.format.Encoding.RLE) {
                throw new CorruptParquetException("unsupported level encoding "
                        + header.getData_page_header().getDefinition_level_encoding());
            }
            int length = size < Integer.BYTES ? -1 : bytes.get(INT, 0);
            if (length < 0 || length > size - Integer.BYTES) {
                throw new CorruptParquetException("levels of %d bytes in a page of %d".formatted(length, size));
            }
            from = Integer.BYTES + length;
            if (from > levelBytes() && prefix < size) {
                return unpackV1(header, body, pageRows);
            }
            presence.of(bytes, Integer.BYTES, from, pageRows, maxLevel);
        }
        boolean isFilled = from + (long) presence.presentCount() * values.plainWidth() == size;
        if (prefix < size && !isFilled) {
            return unpackV1(header, body, pageRows); // what else is there must be looked at
        }
        open(header.getData_page_header().getEncoding(), bytes, from, size);
        return prefix < size ? needed : pageRows;
    }

    /// How many bytes of a page must be decompressed for its first `needed` rows. zstd decompresses from the front
    /// and can stop early; if there are few winners, half of the work comes after the last of them. Works only for
    /// values of fixed width.
    private int prefix(PageHeader header, int needed) {
        int size = header.getUncompressed_page_size();
        int width = values.plainWidth();
        if (codec != CompressionCodecName.ZSTD
                || width == 0
                || needed >= pageRows
                || header.getData_page_header().getEncoding() != org.apache.parquet.format.Encoding.PLAIN) {
            return size;
        }
        long bytes = levelBytes() + (long) needed * width;
        return bytes < MAX_PREFIX_SHARE * size ? (int) bytes : size;
    }

    /// An upper limit of the bytes of the levels, unless their writer wastes space.
    private int levelBytes() {
        return maxLevel == 0 ? 0 : Integer.BYTES + 64 + pageRows / 4;
    }

    private void unpackV2(PageHeader header, MemorySegment body, DataPageHeaderV2 v2) {
        int compressed = header.getCompressed_page_size();
        int before = v2.getRepetition_levels_byte_length() + v2.getDefinition_levels_byte_length();
        int size = header.getUncompressed_page_size();
        if (before < 0 || before > compressed || size < before) {
            throw new CorruptParquetException("levels of %d bytes in a page of %d".formatted(before, compressed));
        }
        MemorySegment bytes = v2.isIs_compressed()
                ? decompressed(body, size, before)
                : decompressed(CompressionCodecName.UNCOMPRESSED, body, size, before);
        presence.all(pageRows);
        if (maxLevel > 0) {
            presence.of(bytes, v2.getRepetition_levels_byte_length(), before, pageRows, maxLevel);
        }
        int nulls = pageRows - presence.presentCount();
        if (v2.getNum_rows() != pageRows || v2.getNum_nulls() != nulls) {
            throw new CorruptParquetException("a page claims %d rows and %d nulls, but has %d and %d"
                    .formatted(v2.getNum_rows(), v2.getNum_nulls(), pageRows, nulls));
        }
        open(v2.getEncoding(), bytes, before, size);
    }

    private void open(org.apache.parquet.format.Encoding encoding, MemorySegment bytes, int from, int to) {
        values.open(Encoding.valueOf(encoding.name()), bytes, from, to, pageRows, presence.presentCount());
    }

    private MemorySegment decompressed(MemorySegment body, int size, int before) {
        return decompressed(codec, body, size, before);
    }

    /// The `size` bytes of the page, of which the first `before` are stored uncompressed, followed by the slack.
    private MemorySegment decompressed(CompressionCodecName by, MemorySegment body, int size, int before) {
        MemorySegment bytes = memory().sized(size);
        MemorySegment.copy(body, 0, bytes, 0, before);
        buffers.codec().decompress(by, body.asSlice(before), bytes.asSlice(before, size - before));
        return bytes;
    }

    private ReadBuffers.PageMemory memory() {
        ReadBuffers.PageMemory acquired = memory;
        if (acquired == null) {
            acquired = buffers.acquire();
            memory = acquired;
        }
        return acquired;
    }

    @Override
    public void close() {
        if (memory != null) {
            buffers.release(memory);
            memory = null;
        }
    }
}
