package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.jspecify.annotations.Nullable;

/// Reads one primitive column chunk page by page. Skipped pages are never decompressed and, with an offset index, not
/// even fetched. Of the other pages only the requested values are decoded, if the encoding allows it.
///
/// Memory: one page and the dictionary. Not thread-safe.
final class ChunkReader implements LeafRows {
    private final ChunkPages stored;
    private final PageUnpacker unpacker;
    private final ColumnDescriptor descriptor;
    private final ValueDecoder values;
    private final long rows;
    private final Consumer<String> ignored;
    private @Nullable OffsetIndex index;
    private final boolean hasDictionaryPage;
    private int[] valueIndexes = new int[0];

    private long nextPage;
    private long row;
    private long pageFirstRow;
    private int pageRows;
    /// How many of the first rows of the open page are unpacked.
    private int unpackedRows;

    private boolean dictionaryTried;
    private ChunkPages.@Nullable StoredPage page;

    /// @param index the positions of the pages, to fetch only those that are read; null to fetch all
    /// @param ignored is told if [#take] does without the index
    ChunkReader(
            FileRanges in,
            ReadBuffers buffers,
            ColumnChunkMetaData chunk,
            FileColumn.Leaf leaf,
            @Nullable OffsetIndex index,
            Consumer<String> ignored) {
        this.stored = new ChunkPages(in, chunk);
        this.descriptor = leaf.descriptor();
        this.values = new ValueDecoder(descriptor, leaf.conversion());
        this.ignored = ignored;
        this.unpacker = new PageUnpacker(buffers, chunk.getCodec(), descriptor.getMaxDefinitionLevel(), values);
        this.rows = chunk.getValueCount();
        this.nextPage = stored.start();
        this.index = index;
        this.hasDictionaryPage = chunk.hasDictionaryPage();
    }

    @Override
    public Vector newVector() {
        return values.newTarget();
    }

    @Override
    public void skip(long count) {
        checkRows(count);
        row += count;
    }

    @Override
    public void read(int count, Vector out) {
        read(count, out, values::read);
    }

    @Override
    public void readIds(int count, Vector.Ints out) {
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
                unpack(pageRows);
                Presence presence = unpacker.presence();
                int from = (int) (row - pageFirstRow);
                int to = (int) Math.min(target - pageFirstRow, pageRows);
                int first = presence.valueIndex(from);
                int present = presence.valueIndex(to) - first;
                int start = out.size;
                decoding.read(first, present, out);
                out.spread(start, present, to - from, presence, from);
                row = pageFirstRow + to;
            }
        } catch (RuntimeException e) {
            throw explained(e);
        }
    }

    /// If the index does not fit a page, it starts again without the index, as long as no rows were returned.
    @Override
    public void take(RowSelection wanted, Vector out) {
        boolean isFirst = row == 0 && out.size == 0;
        try {
            takeRows(wanted, out);
        } catch (OffsetIndexException e) {
            if (!isFirst) {
                throw explained(e);
            }
            ignored.accept("column %s: %s".formatted(name(), e.getMessage()));
            withoutIndex();
            out.clear();
            take(wanted, out);
        } catch (RuntimeException e) {
            throw explained(e);
        }
    }

    private void withoutIndex() {
        index = null;
        nextPage = stored.start();
        row = 0;
        page = null;
        pageFirstRow = 0;
        pageRows = 0;
        unpackedRows = 0;
    }

    private void takeRows(RowSelection wanted, Vector out) {
        for (int next = 0; next < wanted.size(); ) {
            row = wanted.row(next);
            checkRows(1);
            openPageOf(row);
            long end = pageFirstRow + pageRows;
            int last = next + 1;
            while (last < wanted.size() && wanted.row(last) < end) {
                last++;
            }
            unpack((int) (wanted.row(last - 1) - pageFirstRow) + 1);
            takeFromPage(wanted, next, last, out);
            row = wanted.row(last - 1) + 1;
            next = last;
        }
    }

    private void takeFromPage(RowSelection wanted, int from, int to, Vector out) {
        if (valueIndexes.length < to - from) {
            valueIndexes = new int[Vector.grown(valueIndexes.length, to - from)];
        }
        Presence presence = unpacker.presence();
        int present = 0;
        int start = out.size;
        for (int i = from; i < to; i++) {
            int at = (int) (wanted.row(i) - pageFirstRow);
            if (presence.isPresent(at)) {
                valueIndexes[present++] = presence.valueIndex(at);
            } else {
                out.setNulls(start + i - from, start + i - from + 1);
            }
        }
        values.take(valueIndexes, present, out);
        if (present < to - from) {
            out.spread(start, present, to - from);
        }
    }

    private void checkRows(long count) {
        if (row + count > rows) {
            throw new CorruptParquetException(
                    "column %s has %d values, but row %d was requested".formatted(name(), rows, row + count - 1));
        }
    }

    private RuntimeException explained(RuntimeException fault) {
        if (fault instanceof OffsetIndexException) {
            return new OffsetIndexException("column %s: %s".formatted(name(), fault.getMessage()), fault);
        }
        if (fault instanceof CorruptParquetException || isDecoding(fault)) {
            return new CorruptParquetException("column %s: %s".formatted(name(), fault.getMessage()), fault);
        }
        return fault instanceof UnreadableColumnException
                ? new UnreadableColumnException("column %s: %s".formatted(name(), fault.getMessage()))
                : fault;
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

    /// Opens the page of row `target`, which is not before the open page.
    private void openPageOf(long target) {
        while (target >= pageFirstRow + pageRows) {
            openPage(target);
        }
    }

    /// Opens the next page, or with an index the page of row `target`.
    private void openPage(long target) {
        if (index != null) {
            if (!dictionaryTried) {
                loadDictionary(index);
            }
            nextPage = index.getOffset(pageOf(index, target));
        }
        while (true) {
            if (stored.isPastEnd(nextPage)) {
                throw new CorruptParquetException("the pages end at row %d of %d".formatted(row, rows));
            }
            try {
                if (openStored(stored.page(nextPage), target)) {
                    return;
                }
            } catch (CorruptParquetException e) {
                throw index == null ? e : new OffsetIndexException(e);
            }
        }
    }

    /// Returns false if the page has no rows.
    private boolean openStored(ChunkPages.StoredPage next, long target) {
        PageHeader header = next.header();
        nextPage = next.end();
        if (header.getType() == PageType.DICTIONARY_PAGE && !values.hasDictionary()) {
            unpacker.dictionary(header, stored.body(next));
        }
        if (header.getType() != PageType.DATA_PAGE && header.getType() != PageType.DATA_PAGE_V2) {
            return false;
        }
        int count = header.getType() == PageType.DATA_PAGE
                ? header.getData_page_header().getNum_values()
                : header.getData_page_header_v2().getNum_values();
        long first = index == null ? pageFirstRow + pageRows : index.getFirstRowIndex(pageOf(index, target));
        if (count < 0 || first + count > rows || !agrees(next, first + count, target)) {
            throw new CorruptParquetException(
                    "a page of %d values at row %d of %d, expected row %d".formatted(count, first, rows, target));
        }
        page = next;
        pageFirstRow = first;
        pageRows = count;
        unpackedRows = 0;
        return count > 0;
    }

    /// Whether a page ends where its entry in the index says, in rows and in bytes.
    private boolean agrees(ChunkPages.StoredPage opened, long endRow, long target) {
        if (index == null) {
            return true;
        }
        int page = pageOf(index, target);
        return endRow == index.getLastRowIndex(page, rows) + 1
                && opened.end() == index.getOffset(page) + index.getCompressedPageSize(page);
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

    /// With an index the dictionary page is not among the fetched data pages.
    private void loadDictionary(OffsetIndex offsets) {
        dictionaryTried = true;
        if (offsets.getOffset(0) > stored.start() && !values.hasDictionary()) {
            loadDictionary();
        }
    }

    private void loadDictionary() {
        ChunkPages.StoredPage first = stored.page(stored.start());
        if (first.header().getType() == PageType.DICTIONARY_PAGE) {
            unpacker.dictionary(first.header(), stored.body(first));
        }
    }

    @Override
    public Optional<Column> dictionary() {
        try {
            if (!values.hasDictionary()) {
                loadDictionary();
            }
            return values.hasDictionary() ? Optional.of(values.dictionary().view()) : Optional.empty();
        } catch (RuntimeException e) {
            throw explained(e);
        }
    }

    @Override
    public int dictionarySize() {
        return values.dictionary().size;
    }

    @Override
    public long maxSharedValueBytes() {
        return hasDictionaryPage
                        && values.dictionary() instanceof ByteVector strings
                        && dictionary().isPresent()
                ? strings.maxLength()
                : 0;
    }

    /// Unpacks at least the first `needed` rows of the open page.
    private void unpack(int needed) {
        ChunkPages.StoredPage open = page;
        if (open == null) {
            throw new IllegalStateException("no page is open");
        }
        if (needed > unpackedRows) {
            unpackedRows = unpacker.unpack(open.header(), stored.body(open), pageRows, needed);
        }
    }

    @Override
    public void close() {
        try {
            stored.close();
        } finally {
            unpacker.close();
        }
    }
}
