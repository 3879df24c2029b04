package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.jspecify.annotations.Nullable;

/// Reads one flat column chunk page by page. A page that is skipped is never decompressed; with an offset index it is
/// not fetched either. Of a page that is touched only the values asked for are decoded, where its encoding allows.
///
/// Memory: one page, the dictionary. Not thread-safe.
final class ChunkReader implements AutoCloseable {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int LEAST_HEADER_BYTES = 64;
    private static final int HEADER_BYTES = 16 << 10;
    private static final int MAX_HEADER_BYTES = 16 << 20;
    private static final int MAX_PAGE_BYTES = 1 << 30;
    /// Stopping costs a copy of what is unpacked: it is worth it up to this part of a page.
    private static final double WORTH_STOPPING = 0.85;

    private final FileRanges in;
    private final ReadBuffers buffers;
    private final ColumnDescriptor descriptor;
    private final int maxLevel;
    private final CompressionCodecName codec;
    private final ValueDecoder values;
    private final Presence presence = new Presence();
    private final long chunkStart;
    private final long chunkEnd;
    private final long rows;
    private final @Nullable OffsetIndex index;
    private int[] places = new int[0];
    private ReadBuffers.@Nullable Page memory;

    private long nextPage;
    private long row;
    private long pageFirstRow;
    private int pageRows;
    private long bodyAt;
    /// Rows of the open page, from its first, whose values are unpacked.
    private int decodedRows;

    private boolean dictionaryTried;
    private @Nullable PageHeader page;

    /// @param index where the pages lie, if only those are wanted that are read; else null
    ChunkReader(
            FileRanges in,
            ReadBuffers buffers,
            ColumnChunkMetaData chunk,
            ColumnDescriptor descriptor,
            Conversion conversion,
            @Nullable OffsetIndex index) {
        this.in = in;
        this.buffers = buffers;
        this.descriptor = descriptor;
        this.maxLevel = descriptor.getMaxDefinitionLevel();
        this.codec = chunk.getCodec();
        this.values = new ValueDecoder(descriptor, conversion);
        this.chunkStart = chunk.getStartingPos();
        this.chunkEnd = chunkStart + chunk.getTotalSize();
        this.rows = chunk.getValueCount();
        this.nextPage = chunkStart;
        this.index = index;
    }

    Vector newVector() {
        return values.newTarget();
    }

    void skip(long count) {
        checkRows(count);
        row += count;
    }

    void read(int count, Vector out) {
        read(count, out, values::read);
    }

    /// Like [#read], of a chunk of which all pages refer to the dictionary: each row's number there.
    void readIds(int count, Vector.Ints out) {
        read(count, out, (first, present, _) -> values.readIds(first, present, out));
    }

    private interface Decoding {
        void read(int first, int present, Vector out);
    }

    private void read(int count, Vector out, Decoding decoding) {
        checkRows(count);
        long target = row + count;
        try {
            while (row < target) {
                openPageOf(row);
                decode(pageRows);
                int from = (int) (row - pageFirstRow);
                int to = (int) Math.min(target - pageFirstRow, pageRows);
                int first = presence.place(from);
                int present = presence.place(to) - first;
                int start = out.size;
                decoding.read(first, present, out);
                out.spread(start, present, to - from, presence, from);
                row = pageFirstRow + to;
            }
        } catch (RuntimeException e) {
            throw explained(e);
        }
    }

    /// Reads these rows, which lie ahead.
    void take(RowSelection wanted, Vector out) {
        try {
            for (int next = 0; next < wanted.size(); ) {
                row = wanted.row(next);
                checkRows(1);
                openPageOf(row);
                long end = pageFirstRow + pageRows;
                int last = next + 1;
                while (last < wanted.size() && wanted.row(last) < end) {
                    last++;
                }
                decode((int) (wanted.row(last - 1) - pageFirstRow) + 1);
                takeFromPage(wanted, next, last, out);
                row = wanted.row(last - 1) + 1;
                next = last;
            }
        } catch (RuntimeException e) {
            throw explained(e);
        }
    }

    private void takeFromPage(RowSelection wanted, int from, int to, Vector out) {
        if (places.length < to - from) {
            places = new int[Vector.grown(places.length, to - from)];
        }
        int present = 0;
        int start = out.size;
        for (int i = from; i < to; i++) {
            int at = (int) (wanted.row(i) - pageFirstRow);
            if (presence.isPresent(at)) {
                places[present++] = presence.place(at);
            } else {
                out.setNulls(start + i - from, start + i - from + 1);
            }
        }
        values.take(places, present, out);
        if (present < to - from) {
            out.spread(start, present, to - from);
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

    /// Opens the page that holds `target`, which is not before the open one.
    private void openPageOf(long target) {
        while (target >= pageFirstRow + pageRows) {
            openPage(target);
        }
    }

    /// Goes to the page that follows, or with an index to the one that holds `target`.
    private void openPage(long target) {
        if (index != null) {
            if (!dictionaryTried) {
                loadDictionary(index);
            }
            nextPage = index.getOffset(pageOf(index, target));
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
                long first = index == null ? pageFirstRow + pageRows : index.getFirstRowIndex(pageOf(index, target));
                if (count < 0 || first + count > rows) {
                    throw new CorruptParquetException(
                            "a page of %d values at row %d of %d".formatted(count, first, rows));
                }
                page = header;
                pageFirstRow = first;
                pageRows = count;
                decodedRows = 0;
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
        long least = Math.min(LEAST_HEADER_BYTES, chunkEnd - at);
        while (true) {
            MemorySegment bytes = bytes(at, least, Math.max(least, Math.min(HEADER_BYTES, chunkEnd - at)));
            ByteBufferInputStream stream = ByteBufferInputStream.wrap(bytes.asByteBuffer());
            try {
                PageHeader header = Util.readPageHeader(stream);
                bodyAt = at + stream.position();
                return header;
            } catch (IOException | RuntimeException e) {
                if (bytes.byteSize() >= chunkEnd - at || bytes.byteSize() >= MAX_HEADER_BYTES) {
                    throw new CorruptParquetException("a page header cannot be read: " + e.getMessage(), e);
                }
                least = Math.min(bytes.byteSize() * 4, chunkEnd - at);
            }
        }
    }

    private void dictionary(PageHeader header) {
        int size = header.getUncompressed_page_size();
        MemorySegment bytes = decompressed(body(header), size, 0);
        values.dictionary(bytes, 0, size, header.getDictionary_page_header().getNum_values());
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

    /// The values of the dictionary; of a reader that is not asked for rows it is read now.
    Optional<Column> dictionary() {
        try {
            if (!values.hasDictionary()) {
                PageHeader header = header(chunkStart);
                if (header.getType() != PageType.DICTIONARY_PAGE) {
                    return Optional.empty();
                }
                dictionary(header);
            }
            return Optional.of(values.dictionary().view());
        } catch (RuntimeException e) {
            throw explained(e);
        }
    }

    /// Unpacks the open page as far as its first `needed` rows reach; of most pages that is all.
    private void decode(int needed) {
        if (needed <= decodedRows) {
            return;
        }
        PageHeader header = page;
        if (header == null) {
            throw new IllegalStateException("no page is open");
        }
        if (header.getType() == PageType.DATA_PAGE) {
            decodedRows = decodeV1(header, needed);
        } else {
            decodeV2(header, header.getData_page_header_v2());
            decodedRows = pageRows;
        }
    }

    /// How many rows were unpacked.
    private int decodeV1(PageHeader header, int needed) {
        int size = header.getUncompressed_page_size();
        int beginning = beginning(header, needed);
        MemorySegment bytes = beginning < size
                ? unpackedBeginning(body(header), size, beginning)
                : decompressed(body(header), size, 0);
        int from = 0;
        presence.all(pageRows);
        if (maxLevel > 0) {
            if (header.getData_page_header().getDefinition_level_encoding() != org.apache.parquet.format.Encoding.RLE) {
                throw new CorruptParquetException("levels in encoding "
                        + header.getData_page_header().getDefinition_level_encoding() + " are not read");
            }
            int length = size < Integer.BYTES ? -1 : bytes.get(INT, 0);
            if (length < 0 || length > size - Integer.BYTES) {
                throw new CorruptParquetException("levels of %d bytes in a page of %d".formatted(length, size));
            }
            from = Integer.BYTES + length;
            if (from > levelBytes() && beginning < size) {
                return decodeV1(header, pageRows);
            }
            presence.of(bytes, Integer.BYTES, from, pageRows, maxLevel);
        }
        open(header.getData_page_header().getEncoding(), bytes, from, size);
        return beginning < size ? needed : pageRows;
    }

    /// How many bytes of a page have to be unpacked for its first `needed` rows. zstd unpacks from the front and
    /// may stop; where winners are few, half of the work is behind the last of them. Only values of fixed width are
    /// found so.
    private int beginning(PageHeader header, int needed) {
        int size = header.getUncompressed_page_size();
        int width = values.plainWidth();
        if (codec != CompressionCodecName.ZSTD
                || width == 0
                || needed >= pageRows
                || header.getData_page_header().getEncoding() != org.apache.parquet.format.Encoding.PLAIN) {
            return size;
        }
        long bytes = levelBytes() + (long) needed * width;
        return bytes < WORTH_STOPPING * size ? (int) bytes : size;
    }

    /// More than levels take, unless their writer wastes space.
    private int levelBytes() {
        return maxLevel == 0 ? 0 : Integer.BYTES + 64 + pageRows / 4;
    }

    private MemorySegment unpackedBeginning(MemorySegment body, int size, int beginning) {
        MemorySegment bytes = memory().sized(size);
        buffers.codec().decompressBeginning(body, bytes.asSlice(0, beginning));
        return bytes;
    }

    private void decodeV2(PageHeader header, DataPageHeaderV2 v2) {
        int compressed = header.getCompressed_page_size();
        int before = v2.getRepetition_levels_byte_length() + v2.getDefinition_levels_byte_length();
        int size = header.getUncompressed_page_size();
        if (before < 0 || before > compressed || size < before) {
            throw new CorruptParquetException("levels of %d bytes in a page of %d".formatted(before, compressed));
        }
        MemorySegment body = body(header);
        MemorySegment bytes = v2.isIs_compressed()
                ? decompressed(body, size, before)
                : decompressed(CompressionCodecName.UNCOMPRESSED, body, size, before);
        presence.all(pageRows);
        if (maxLevel > 0) {
            presence.of(bytes, v2.getRepetition_levels_byte_length(), before, pageRows, maxLevel);
        }
        open(v2.getEncoding(), bytes, before, size);
    }

    private void open(org.apache.parquet.format.Encoding encoding, MemorySegment bytes, int from, int to) {
        values.open(Encoding.valueOf(encoding.name()), bytes, from, to, pageRows, presence.present());
    }

    private MemorySegment body(PageHeader header) {
        int length = header.getCompressed_page_size();
        return length == 0 ? MemorySegment.NULL : bytes(bodyAt, length, length);
    }

    private MemorySegment bytes(long at, long least, long most) {
        try {
            return in.at(at, least, most);
        } catch (EOFException e) {
            throw new CorruptParquetException("the file ends early", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MemorySegment decompressed(MemorySegment body, int size, int before) {
        return decompressed(codec, body, size, before);
    }

    /// The page's `size` bytes, the first `before` of which are stored as they are, and the slack.
    private MemorySegment decompressed(CompressionCodecName by, MemorySegment body, int size, int before) {
        MemorySegment bytes = memory().sized(size);
        MemorySegment.copy(body, 0, bytes, 0, before);
        buffers.codec().decompress(by, body.asSlice(before), bytes.asSlice(before, size - before));
        return bytes;
    }

    private ReadBuffers.Page memory() {
        ReadBuffers.Page acquired = memory;
        if (acquired == null) {
            acquired = buffers.acquire();
            memory = acquired;
        }
        return acquired;
    }

    @Override
    public void close() {
        in.close();
        if (memory != null) {
            buffers.release(memory);
            memory = null;
        }
    }
}
