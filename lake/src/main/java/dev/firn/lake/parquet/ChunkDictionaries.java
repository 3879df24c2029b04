package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.jspecify.annotations.Nullable;

/// The dictionaries of a file's column chunks, and whether they hold all values of a chunk. For one thread.
final class ChunkDictionaries {
    /// Of a page header with its statistics, usually.
    private static final int HEADER_BYTES = 1 << 10;

    private final FileParts parts;
    private final FileIndexes indexes;
    private final Opening file;
    private final Consumer<String> ignored;

    interface Opening {
        FileRanges ranges(ColumnChunkMetaData chunk, int windowBytes, PageRanges planned);
    }

    /// @param ignored receives the dictionaries that lack values
    ChunkDictionaries(FileParts parts, FileIndexes indexes, Opening file, Consumer<String> ignored) {
        this.parts = parts;
        this.indexes = indexes;
        this.file = file;
        this.ignored = ignored;
    }

    /// All distinct values of a column chunk, in the column's type; empty unless all of them are in a dictionary.
    Optional<Column> read(ColumnChunkMetaData chunk, FileColumn.Leaf leaf, ReadBuffers buffers) {
        if (!ColumnChunks.isDictionaryEncoded(chunk) || chunk.getDictionaryPageOffset() <= 0) {
            return Optional.empty();
        }
        long start = chunk.getStartingPos();
        long end = chunk.getFirstDataPageOffset();
        FileParts.Part page =
                parts.part(start, end, () -> file.ranges(chunk, buffers.windowBytes(), PageRanges.of(start, end)));
        try (ChunkReader reader = new ChunkReader(page, buffers, chunk, leaf, null, ignored)) {
            Optional<Column> dictionary = reader.dictionary();
            page.keep();
            return dictionary;
        }
    }

    /// Whether a dictionary can hold all values of the chunk: it has the bounds that the footer names, the
    /// footer counts as many pages as the offset index, and the last page uses the dictionary. A writer that
    /// turns to another encoding half way does not turn back, but its footer may not say so.
    boolean isComplete(ColumnChunkMetaData chunk, FileColumn.Leaf leaf, Column dictionary) {
        boolean complete = hasBounds(dictionary, StoredBounds.of(chunk, leaf).orElse(null)) && hasAllPages(chunk);
        if (!complete) {
            ignored.accept("dictionary of column %s: it lacks values"
                    .formatted(chunk.getPath().toDotString()));
        }
        return complete;
    }

    private static boolean hasBounds(Column dictionary, @Nullable StoredBounds bounds) {
        if (!(bounds instanceof StoredBounds.Longs longs) || longs.min() > longs.max()) {
            return true;
        }
        return switch (dictionary) {
            case IntColumn ints ->
                Arrays.stream(ints.values(), 0, ints.size()).anyMatch(value -> value == longs.min())
                        && Arrays.stream(ints.values(), 0, ints.size()).anyMatch(value -> value == longs.max());
            case LongColumn values ->
                Arrays.stream(values.values(), 0, values.size()).anyMatch(value -> value == longs.min())
                        && Arrays.stream(values.values(), 0, values.size()).anyMatch(value -> value == longs.max());
            default -> true;
        };
    }

    private boolean hasAllPages(ColumnChunkMetaData chunk) {
        EncodingStats counted = chunk.getEncodingStats();
        if (counted == null) {
            return true;
        }
        int pages = 0;
        for (Encoding encoding : counted.getDataEncodings()) {
            pages += counted.getNumDataPagesEncodedAs(encoding);
        }
        OffsetIndex index = indexes.offsets(chunk).orElse(null);
        return index == null || (index.getPageCount() == pages && usesDictionary(chunk, index, pages - 1));
    }

    private boolean usesDictionary(ColumnChunkMetaData chunk, OffsetIndex index, int page) {
        long at = index.getOffset(page);
        long end = at + Math.min(index.getCompressedPageSize(page), HEADER_BYTES);
        FileParts.Part part = parts.part(at, end, () -> file.ranges(chunk, HEADER_BYTES, PageRanges.of(at, end)));
        try (ChunkPages pages = new ChunkPages(part, chunk)) {
            PageHeader last = pages.page(at).header();
            part.keep();
            return switch (last.getType()) {
                case DATA_PAGE -> usesDictionary(last.getData_page_header().getEncoding());
                case DATA_PAGE_V2 ->
                    usesDictionary(last.getData_page_header_v2().getEncoding());
                case DICTIONARY_PAGE, INDEX_PAGE -> false;
            };
        } catch (CorruptParquetException e) {
            return false;
        }
    }

    private static boolean usesDictionary(org.apache.parquet.format.Encoding encoding) {
        return Encoding.valueOf(encoding.name()).usesDictionary();
    }
}
