package dev.firn.lake.parquet;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.jspecify.annotations.Nullable;

/// Reads one flat column chunk page by page. A page that is skipped is never decompressed; with an offset index it is
/// not fetched either. A page that is touched is decoded as a whole, which costs a fraction of its decompression.
///
/// Memory: a window of the file, one page, the dictionary. Not thread-safe.
final class ChunkReader {
    /// Bytes fetched ahead when the chunk is read from end to end.
    private static final int WINDOW_BYTES = 4 << 20;

    /// Pages closer than this are fetched in one range.
    private static final int COALESCE_BYTES = 256 << 10;

    private static final int MAX_RANGE_BYTES = 16 << 20;
    private static final int HEADER_BYTES = 16 << 10;
    private static final int MAX_HEADER_BYTES = 16 << 20;
    private static final int MAX_PAGE_BYTES = 1 << 30;

    private final ParquetBytes.Stream in;
    private final ColumnDescriptor descriptor;
    private final int maxLevel;
    private final PageCodec codec;
    private final boolean isPlain;
    private final ValueDecoder values;
    private final LevelsAndIds levels = new LevelsAndIds();
    private final long chunkStart;
    private final long chunkEnd;
    private final long rows;
    private @Nullable OffsetIndex index;
    private long[] rangeEnds = new long[0];
    private long[] rangeStarts = new long[0];

    private byte[] window = new byte[0];
    private long windowStart;
    private int windowLength;
    private byte[] plain = new byte[0];

    private long nextPage;
    private long row;
    private long pageFirstRow;
    private int pageRows;
    private long bodyAt;
    private boolean decoded;
    private boolean dictionaryTried;
    private @Nullable PageHeader page;

    ChunkReader(ParquetBytes.Stream in, ColumnChunkMetaData chunk, ColumnDescriptor descriptor, Conversion conversion) {
        this.in = in;
        this.descriptor = descriptor;
        this.maxLevel = descriptor.getMaxDefinitionLevel();
        this.codec = PageCodec.of(chunk.getCodec());
        this.isPlain = chunk.getCodec() == org.apache.parquet.hadoop.metadata.CompressionCodecName.UNCOMPRESSED;
        this.values = new ValueDecoder(descriptor, conversion);
        this.chunkStart = chunk.getStartingPos();
        this.chunkEnd = chunkStart + chunk.getTotalSize();
        this.rows = chunk.getValueCount();
        this.nextPage = chunkStart;
    }

    Vector newVector() {
        return values.newTarget();
    }

    /// From now on only the pages that hold one of these rows are fetched. Rows ascend; call it before any reading.
    void plan(OffsetIndex offsets, long[] wanted, int from, int to, long firstRow) {
        index = offsets;
        int pages = offsets.getPageCount();
        long[] starts = new long[pages + 1];
        long[] ends = new long[pages + 1];
        int ranges = 0;
        int next = from;
        for (int p = 0; p < pages && next < to; p++) {
            long lastRow = offsets.getLastRowIndex(p, rows);
            if (wanted[next] - firstRow > lastRow) {
                continue;
            }
            while (next < to && wanted[next] - firstRow <= lastRow) {
                next++;
            }
            long start = offsets.getOffset(p);
            long end = start + offsets.getCompressedPageSize(p);
            if (ranges > 0
                    && start - ends[ranges - 1] <= COALESCE_BYTES
                    && end - starts[ranges - 1] <= MAX_RANGE_BYTES) {
                ends[ranges - 1] = end;
            } else {
                starts[ranges] = start;
                ends[ranges++] = end;
            }
        }
        rangeStarts = Arrays.copyOf(starts, ranges);
        rangeEnds = Arrays.copyOf(ends, ranges);
    }

    void skip(long count) {
        checkRows(count);
        long target = row + count;
        try {
            while (row < target) {
                if (row == pageFirstRow + pageRows) {
                    openPage(target);
                    if (row >= target) {
                        return;
                    }
                }
                row = Math.min(target, pageFirstRow + pageRows);
            }
        } catch (RuntimeException e) {
            throw explained(e);
        }
    }

    void read(int count, Vector out) {
        checkRows(count);
        long target = row + count;
        try {
            while (row < target) {
                if (row == pageFirstRow + pageRows) {
                    openPage(row);
                }
                if (!decoded) {
                    decode();
                }
                int from = (int) (row - pageFirstRow);
                int to = (int) Math.min(target - pageFirstRow, pageRows);
                out.append(values.target(), from, to);
                row = pageFirstRow + to;
            }
        } catch (RuntimeException e) {
            throw explained(e);
        }
    }

    private void checkRows(long count) {
        if (row + count > rows) {
            throw new CorruptParquetException(
                    "column %s has %d values, row %d was expected".formatted(name(), rows, row + count - 1));
        }
    }

    private RuntimeException explained(RuntimeException fault) {
        if (fault instanceof CorruptParquetException || isDecoding(fault)) {
            return new CorruptParquetException("column %s: %s".formatted(name(), fault.getMessage()), fault);
        }
        return fault;
    }

    private static boolean isDecoding(RuntimeException fault) {
        return fault instanceof IndexOutOfBoundsException
                || fault instanceof IllegalArgumentException
                || fault instanceof ArithmeticException
                || fault instanceof org.apache.parquet.io.ParquetDecodingException;
    }

    private String name() {
        return String.join(".", descriptor.getPath());
    }

    /// Goes to the page that follows, or with an index to the one that holds `target`.
    private void openPage(long target) {
        if (index != null) {
            if (!dictionaryTried) {
                loadDictionary(index);
            }
            int p = pageOf(index, Math.min(target, rows - 1));
            row = Math.max(row, index.getFirstRowIndex(p));
            nextPage = index.getOffset(p);
        }
        while (true) {
            if (nextPage >= chunkEnd) {
                throw new CorruptParquetException("pages end at row %d of %d".formatted(row, rows));
            }
            PageHeader header = header(nextPage);
            long end = bodyAt + header.getCompressed_page_size();
            if (header.getCompressed_page_size() < 0
                    || header.getUncompressed_page_size() < 0
                    || header.getUncompressed_page_size() > MAX_PAGE_BYTES
                    || end > chunkEnd) {
                throw new CorruptParquetException("a page's size is beyond its chunk");
            }
            nextPage = end;
            if (header.getType() == PageType.DICTIONARY_PAGE) {
                dictionary(header);
            } else if (header.getType() == PageType.DATA_PAGE || header.getType() == PageType.DATA_PAGE_V2) {
                int count = header.getType() == PageType.DATA_PAGE
                        ? header.getData_page_header().getNum_values()
                        : header.getData_page_header_v2().getNum_values();
                long first = index == null
                        ? pageFirstRow + pageRows
                        : index.getFirstRowIndex(pageOf(index, Math.min(target, rows - 1)));
                if (count < 0 || first + count > rows) {
                    throw new CorruptParquetException(
                            "a page of %d values at row %d of %d".formatted(count, first, rows));
                }
                page = header;
                pageFirstRow = first;
                pageRows = count;
                decoded = false;
                if (count > 0) {
                    return;
                }
            }
        }
    }

    private static int pageOf(OffsetIndex index, long row) {
        int low = 0;
        int high = index.getPageCount() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (index.getFirstRowIndex(middle) <= row) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private PageHeader header(long at) {
        int room = HEADER_BYTES;
        while (true) {
            int available = (int) Math.min(room, chunkEnd - at);
            int start = ensure(at, available);
            CountingArrayStream bytes = new CountingArrayStream(window, start, available);
            try {
                PageHeader header = Util.readPageHeader(bytes);
                bodyAt = at + bytes.consumed(start);
                return header;
            } catch (IOException | RuntimeException e) {
                if (available == chunkEnd - at || room >= MAX_HEADER_BYTES) {
                    throw new CorruptParquetException("a page header cannot be read: " + e.getMessage(), e);
                }
                room *= 4;
            }
        }
    }

    private void dictionary(PageHeader header) {
        int size = header.getUncompressed_page_size();
        int start = ensure(bodyAt, header.getCompressed_page_size());
        byte[] bytes = decompressed(start, header.getCompressed_page_size(), size, 0);
        int from = isPlain ? start : 0;
        values.dictionary(
                bytes, from, from + size, header.getDictionary_page_header().getNum_values());
    }

    /// In the indexed case the dictionary lies apart from the pages that are fetched.
    private void loadDictionary(OffsetIndex offsets) {
        dictionaryTried = true;
        if (offsets.getOffset(0) > chunkStart) {
            PageHeader header = header(chunkStart);
            if (header.getType() == PageType.DICTIONARY_PAGE) {
                dictionary(header);
            }
        }
    }

    private void decode() {
        PageHeader header = page;
        if (header == null) {
            throw new IllegalStateException("no page is open");
        }
        Encoding encoding = Encoding.valueOf((header.getType() == PageType.DATA_PAGE
                        ? header.getData_page_header().getEncoding()
                        : header.getData_page_header_v2().getEncoding())
                .name());
        values.target().clear();
        try {
            if (header.getType() == PageType.DATA_PAGE) {
                decodeV1(header, encoding);
            } else {
                decodeV2(header, header.getData_page_header_v2(), encoding);
            }
        } catch (IOException e) {
            throw new CorruptParquetException("a page cannot be decoded: " + e.getMessage(), e);
        }
        decoded = true;
    }

    private void decodeV1(PageHeader header, Encoding encoding) throws IOException {
        int size = header.getUncompressed_page_size();
        int start = ensure(bodyAt, header.getCompressed_page_size());
        byte[] bytes = decompressed(start, header.getCompressed_page_size(), size, 0);
        int from = isPlain ? start : 0;
        int to = from + size;
        int present = pageRows;
        if (maxLevel > 0) {
            if (header.getData_page_header().getDefinition_level_encoding() != org.apache.parquet.format.Encoding.RLE) {
                throw new CorruptParquetException("levels in encoding "
                        + header.getData_page_header().getDefinition_level_encoding() + " are not read");
            }
            int length = size < 4 ? -1 : littleEndian(bytes, from);
            if (length < 0 || length > size - 4) {
                throw new CorruptParquetException("levels of %d bytes in a page of %d".formatted(length, size));
            }
            present = presence(bytes, from + 4, from + 4 + length);
            from += 4 + length;
        }
        values.decode(encoding, bytes, from, to, pageRows, present);
        values.target().spread(present, pageRows);
    }

    private void decodeV2(PageHeader header, DataPageHeaderV2 v2, Encoding encoding) throws IOException {
        int compressed = header.getCompressed_page_size();
        int before = v2.getRepetition_levels_byte_length() + v2.getDefinition_levels_byte_length();
        int size = header.getUncompressed_page_size() - before;
        if (before < 0 || before > compressed || size < 0) {
            throw new CorruptParquetException("levels of %d bytes in a page of %d".formatted(before, compressed));
        }
        int start = ensure(bodyAt, compressed);
        int present = pageRows;
        if (maxLevel > 0) {
            present = presence(window, start + v2.getRepetition_levels_byte_length(), start + before);
        }
        boolean stored = isPlain || !v2.isIs_compressed() || size == 0;
        byte[] bytes = stored ? window : decompressed(start + before, compressed - before, size, 0);
        int from = stored ? start + before : 0;
        values.decode(encoding, bytes, from, from + size, pageRows, present);
        values.target().spread(present, pageRows);
    }

    private int presence(byte[] bytes, int from, int to) {
        levels.init(bytes, from, to, 32 - Integer.numberOfLeadingZeros(maxLevel));
        return levels.presence(pageRows, maxLevel, values.target());
    }

    private static int littleEndian(byte[] bytes, int at) {
        return (bytes[at] & 0xFF)
                | (bytes[at + 1] & 0xFF) << 8
                | (bytes[at + 2] & 0xFF) << 16
                | (bytes[at + 3] & 0xFF) << 24;
    }

    /// The array that holds the page: the window itself where nothing is compressed.
    private byte[] decompressed(int start, int length, int size, int to) {
        if (isPlain) {
            if (size > length) {
                throw new CorruptParquetException("%d bytes stored of %d".formatted(length, size));
            }
            return window;
        }
        if (plain.length < size) {
            plain = new byte[Vector.grown(plain.length, size)];
        }
        try {
            codec.decompress(window, start, length, plain, to, size);
        } catch (IOException | RuntimeException e) {
            throw new CorruptParquetException("a page cannot be decompressed: " + e.getMessage(), e);
        }
        return plain;
    }

    /// Makes `length` bytes from `at` available and says where in the window they begin.
    private int ensure(long at, int length) {
        if (at >= windowStart && at + length <= windowStart + windowLength) {
            return (int) (at - windowStart);
        }
        if (at + length > chunkEnd) {
            throw new CorruptParquetException("a page lies beyond its chunk");
        }
        int wanted = (int) Math.max(length, Math.min(fetchEnd(at), chunkEnd) - at);
        int kept = at >= windowStart && at < windowStart + windowLength ? (int) (windowStart + windowLength - at) : 0;
        byte[] target = window.length >= wanted ? window : new byte[Vector.grown(window.length, wanted)];
        System.arraycopy(window, windowLength - kept, target, 0, kept);
        try {
            in.readRange(at + kept, target, kept, wanted - kept);
        } catch (java.io.EOFException e) {
            throw new CorruptParquetException("the file ends early", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        window = target;
        windowStart = at;
        windowLength = wanted;
        return 0;
    }

    private long fetchEnd(long at) {
        if (index == null) {
            return at + WINDOW_BYTES;
        }
        for (int i = 0; i < rangeEnds.length; i++) {
            if (at >= rangeStarts[i] && at < rangeEnds[i]) {
                return rangeEnds[i];
            }
        }
        return at < index.getOffset(0) ? index.getOffset(0) : at;
    }

    private static final class CountingArrayStream extends ByteArrayInputStream {
        CountingArrayStream(byte[] bytes, int from, int length) {
            super(bytes, from, length);
        }

        int consumed(int from) {
            return pos - from;
        }
    }
}
