package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.lake.LakeFaults;
import dev.firn.lake.storage.LocalPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.crypto.ParquetCryptoRuntimeException;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/// A Parquet file with its footer, and cursors over its column chunks. For one thread at a time; other threads use
/// their own, from [#reopen], even after this one is closed. Reopening shares the footer and sends no request until
/// something else is read.
public final class ParquetFile implements AutoCloseable {
    /// Of a page header with its statistics, usually.
    private static final int HEADER_BYTES = 1 << 10;

    private static final String FOOTER = "footer";

    /// Of a column chunk in a footer in memory, without its statistics.
    private static final long BYTES_PER_COLUMN_CHUNK = 600;

    private final ParquetBytes bytes;
    private ParquetBytes.@Nullable CountedStream stream;
    private final ParquetMetadata footer;
    private final MessageType schema;
    private final List<ParquetFileReader> nestedReaders = new ArrayList<>();
    private final FileParts parts;
    private final FileIndexes indexes;
    private final KeptChunks kept;
    private final Consumer<String> ignored;
    private @Nullable MessageType withIds;

    private ParquetFile(
            ParquetBytes bytes,
            ParquetBytes.@Nullable CountedStream stream,
            ParquetMetadata footer,
            MessageType schema,
            Consumer<String> ignored) {
        this.bytes = bytes;
        this.stream = stream;
        this.footer = footer;
        this.schema = schema;
        this.ignored = ignored;
        this.parts = new FileParts(bytes, this::stream);
        this.indexes = new FileIndexes(bytes.getLength(), parts, ignored);
        this.kept = new KeptChunks(this, bytes.file());
    }

    private record Footer(ParquetMetadata stored, MessageType schema) {}

    /// Whether a location is a local path; local files are mapped instead of fetched.
    public static boolean isLocal(String location) {
        return LocalPath.of(location).isPresent();
    }

    /// Like [#open(InputFile, LongAdder, Consumer)], for readers that use no indexes.
    public static ParquetFile open(InputFile file, LongAdder bytesRead) {
        return open(file, bytesRead, _ -> {});
    }

    /// Reads the footer. Throws [CorruptParquetException] if the file is not Parquet, and other exceptions if the
    /// store is unavailable.
    ///
    /// @param ignored receives the optional parts of the file that cannot be right and why; thread-safe
    public static ParquetFile open(InputFile file, LongAdder bytesRead, Consumer<String> ignored) {
        ParquetBytes bytes = new ParquetBytes(file, bytesRead);
        Footer kept = bytes.file().kept(FOOTER, Footer.class).orElse(null);
        if (kept != null) {
            return new ParquetFile(bytes, null, kept.stored(), kept.schema(), ignored);
        }
        ParquetBytes.CountedStream stream = bytes.newStream();
        try {
            bytes.fetchTail();
            List<String> notes = new ArrayList<>();
            Footer read = footer(bytes, stream, notes::add);
            ParquetFile opened = new ParquetFile(bytes, stream, read.stored(), read.schema(), ignored);
            if (notes.isEmpty()) {
                opened.keepFooter(read);
            }
            notes.forEach(ignored);
            return opened;
        } catch (IOException | RuntimeException e) {
            closeQuietly(stream, e);
            throw CorruptParquetException.ofLibrary("unreadable footer", e);
        }
    }

    private void keepFooter(Footer read) throws IOException {
        if (bytes.file().isKept()) {
            long size = BareFooter.length(stream(), bytes.getLength()) + columnChunks() * BYTES_PER_COLUMN_CHUNK;
            bytes.file().keep(FOOTER, read, size);
        }
    }

    private static Footer footer(ParquetBytes bytes, ParquetBytes.CountedStream stream, Consumer<String> ignored)
            throws IOException {
        ParquetMetadata stored = stored(bytes, stream, ignored);
        return new Footer(stored, OldLists.modern(stored.getFileMetaData().getSchema()));
    }

    private static ParquetMetadata stored(
            ParquetBytes bytes, ParquetBytes.CountedStream stream, Consumer<String> ignored) throws IOException {
        try {
            return ParquetFileReader.readFooter(bytes, options(), stream);
        } catch (IOException | RuntimeException e) {
            if (LakeFaults.cause(e, ParquetCryptoRuntimeException.class).isPresent()) {
                throw new UnreadableColumnException("is encrypted, which Firn does not read");
            }
            RuntimeException fault = CorruptParquetException.ofLibrary("unreadable footer", e);
            if (!(fault instanceof CorruptParquetException)) {
                throw fault;
            }
            ParquetMetadata bare;
            try {
                bare = BareFooter.read(stream, bytes.getLength());
            } catch (IOException | RuntimeException again) {
                fault.addSuppressed(again);
                throw fault;
            }
            ignored.accept("statistics and indexes: " + fault.getMessage());
            return bare;
        }
    }

    /// A reader of Parquet's own library, with the same checks. The caller closes it.
    static ParquetFileReader libraryReader(InputFile file, LongAdder bytesRead) {
        ParquetBytes bytes = new ParquetBytes(file, bytesRead);
        try {
            return ParquetFileReader.open(bytes, options());
        } catch (IOException | RuntimeException e) {
            throw CorruptParquetException.ofLibrary("unreadable footer", e);
        }
    }

    /// New for each use, because the codecs in the options are for one thread.
    private static ParquetReadOptions options() {
        return ParquetReadOptions.builder(new PlainParquetConfiguration())
                .withCodecFactory(new BoundedCodecs())
                .usePageChecksumVerification()
                .build();
    }

    private static void closeQuietly(AutoCloseable stream, Exception because) {
        try {
            stream.close();
        } catch (Exception e) {
            because.addSuppressed(e);
        }
    }

    /// The same file for another thread.
    public ParquetFile reopen() {
        return new ParquetFile(bytes, null, footer, schema, ignored);
    }

    private ParquetBytes.CountedStream stream() {
        ParquetBytes.CountedStream open = stream;
        if (open == null) {
            open = bytes.newStream();
            stream = open;
        }
        return open;
    }

    public String location() {
        return bytes.toString();
    }

    /// The schema in the footer, with lists in today's form ([OldLists]).
    public MessageType schema() {
        return schema;
    }

    /// The schema in the footer as it is.
    public MessageType storedSchema() {
        return footer.getFileMetaData().getSchema();
    }

    public List<BlockMetaData> rowGroups() {
        return footer.getBlocks();
    }

    public long rows() {
        long rows = 0;
        for (BlockMetaData group : footer.getBlocks()) {
            rows += group.getRowCount();
        }
        return rows;
    }

    /// Number of column chunks, which determines the size of the footer in memory.
    public long columnChunks() {
        return (long) footer.getBlocks().size() * schema().getColumns().size();
    }

    /// Bytes of the file end that are kept for its page indexes.
    public int tailBytes() {
        return bytes.tailBytes();
    }

    /// Releases the kept file end, also for files from [#reopen].
    public void releaseTail() {
        bytes.forgetTail();
    }

    /// The size of the file.
    public long bytes() {
        return bytes.getLength();
    }

    /// Who wrote the file, as its footer says; may be empty.
    public String writer() {
        String writer = footer.getFileMetaData().getCreatedBy();
        return writer == null ? "" : writer;
    }

    /// The version number in the footer. Reads the footer again.
    public int formatVersion() {
        try {
            return BareFooter.stored(stream(), bytes.getLength()).getVersion();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The file's top-level columns by name, for a file that belongs to no table.
    public List<String> columnNames() {
        return schema.getFields().stream().map(Type::getName).toList();
    }

    /// Where the values of such a column come from. Throws [UnreadableColumnException].
    public FileColumn column(String name) {
        MessageType known = withIds;
        if (known == null) {
            known = ForeignSchema.withIds(schema);
            withIds = known;
        }
        NestedField field = ForeignSchema.schema(known, List.of(name)).columns().getFirst();
        return FileSchema.ofIds(known).find(field).orElseThrow();
    }

    String metadata(String key) {
        return footer.getFileMetaData().getKeyValueMetaData().getOrDefault(key, "");
    }

    /// The chunk of a leaf column.
    public static ColumnChunkMetaData chunk(BlockMetaData group, String[] path) {
        ColumnPath wanted = ColumnPath.get(path);
        for (ColumnChunkMetaData chunk : group.getColumns()) {
            if (chunk.getPath().equals(wanted)) {
                if (chunk.isEncrypted()) {
                    throw new UnreadableColumnException(
                            "column %s is encrypted, which Firn does not read".formatted(wanted.toDotString()));
                }
                return chunk;
            }
        }
        throw new CorruptParquetException("a row group lacks column " + wanted.toDotString());
    }

    /// The chunk of a leaf column; null if it is missing or encrypted.
    public static @Nullable ColumnChunkMetaData readableChunk(BlockMetaData group, String[] path) {
        ColumnPath wanted = ColumnPath.get(path);
        return group.getColumns().stream()
                .filter(chunk -> chunk.getPath().equals(wanted) && !chunk.isEncrypted())
                .findFirst()
                .orElse(null);
    }

    /// A cursor over all rows of a row group, for the thread that owns the buffers.
    public ColumnCursor cursor(int rowGroup, FileColumn column, ReadBuffers buffers) {
        return cursor(rowGroup, column, buffers, null);
    }

    /// A cursor that reads only the wanted rows, or all if null. If the file has an offset index only their pages
    /// are fetched.
    public ColumnCursor cursor(int rowGroup, FileColumn column, ReadBuffers buffers, @Nullable WantedRows wanted) {
        return switch (column) {
            case FileColumn.Leaf leaf -> new LeafCursor(rows(rowGroup, leaf, buffers, wanted));
            case FileColumn.Constant constant -> new ConstantCursor(constant);
            case FileColumn.Nested nested -> new NestedCursor(nested, pages(rowGroup, nested));
        };
    }

    /// Like [#cursor], for a join key: dictionary-encoded strings are returned as a
    /// [dev.firn.engine.DictionaryColumn].
    public ColumnCursor keyCursor(int rowGroup, FileColumn column, ReadBuffers buffers, @Nullable WantedRows wanted) {
        if (column instanceof FileColumn.Leaf leaf
                && leaf.conversion() == Conversion.NONE
                && isDictionaryEncoded(
                        chunk(rowGroups().get(rowGroup), leaf.descriptor().getPath()))
                && isByteArray(leaf)) {
            return new IdCursor(rows(rowGroup, leaf, buffers, wanted));
        }
        return cursor(rowGroup, column, buffers, wanted);
    }

    private LeafRows rows(int rowGroup, FileColumn.Leaf leaf, ReadBuffers buffers, @Nullable WantedRows wanted) {
        return kept.rows(rowGroup, leaf, buffers, wanted)
                .<LeafRows>map(stored -> stored)
                .orElseGet(() -> chunkReader(rowGroup, leaf, buffers, wanted));
    }

    /// The rows of a row group that may have one of the keys `from` to `to` of a column, if an index of them is kept
    /// and they are few.
    public Optional<RowRanges> rowsOf(int rowGroup, FileColumn.Leaf leaf, Column keys, int from, int to) {
        return kept.rowsOf(rowGroup, leaf, keys, from, to);
    }

    /// Whether the column's values are read as ids of a dictionary that holds byte strings.
    boolean isDictionaryOfStrings(int rowGroup, FileColumn.Leaf leaf, Vector target) {
        return target instanceof ByteVector
                && isDictionaryEncoded(
                        chunk(rowGroups().get(rowGroup), leaf.descriptor().getPath()));
    }

    ChunkReader chunkReader(int rowGroup, FileColumn.Leaf leaf, ReadBuffers buffers) {
        return chunkReader(rowGroup, leaf, buffers, null);
    }

    private static boolean isByteArray(FileColumn.Leaf leaf) {
        PrimitiveTypeName physical = leaf.descriptor().getPrimitiveType().getPrimitiveTypeName();
        return physical == PrimitiveTypeName.BINARY || physical == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
    }

    /// Whether all data pages are dictionary-encoded according to the footer. If it has no page counts, all value
    /// encodings must be dictionary encodings.
    static boolean isDictionaryEncoded(ColumnChunkMetaData chunk) {
        EncodingStats counted = chunk.getEncodingStats();
        if (counted != null) {
            return counted.hasDictionaryPages() && !counted.hasNonDictionaryEncodedPages();
        }
        return chunk.getEncodings().stream().anyMatch(Encoding::usesDictionary)
                && chunk.getEncodings().stream()
                        .allMatch(encoding -> encoding.usesDictionary() || isLevelEncoding(encoding));
    }

    private static boolean isLevelEncoding(Encoding encoding) {
        return switch (encoding) {
            case RLE, BIT_PACKED -> true;
            case PLAIN,
                    PLAIN_DICTIONARY,
                    RLE_DICTIONARY,
                    DELTA_BINARY_PACKED,
                    DELTA_LENGTH_BYTE_ARRAY,
                    DELTA_BYTE_ARRAY,
                    BYTE_STREAM_SPLIT -> false;
        };
    }

    /// Fetches a column chunk like a cursor over all rows, but decodes nothing; returns its bytes. For benchmarks.
    public long fetch(int rowGroup, FileColumn.Leaf leaf) {
        ColumnChunkMetaData chunk =
                chunk(rowGroups().get(rowGroup), leaf.descriptor().getPath());
        long end = chunk.getStartingPos() + chunk.getTotalSize();
        try (FileRanges ranges = ranges(chunk, ReadBuffers.MAX_WINDOW_BYTES, null)) {
            for (long at = chunk.getStartingPos(); at < end; ) {
                at += ranges.read(at, 1, end - at).byteSize();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return chunk.getTotalSize();
    }

    private ChunkReader chunkReader(
            int rowGroup, FileColumn.Leaf leaf, ReadBuffers buffers, @Nullable WantedRows wanted) {
        BlockMetaData group = rowGroups().get(rowGroup);
        ColumnChunkMetaData chunk = chunk(group, leaf.descriptor().getPath());
        if (chunk.getValueCount() != group.getRowCount()) {
            throw new CorruptParquetException("column %s has %d values for %d rows"
                    .formatted(chunk.getPath().toDotString(), chunk.getValueCount(), group.getRowCount()));
        }
        OffsetIndex index = wanted == null ? null : indexes.offsets(chunk).orElse(null);
        PageRanges planned = wanted == null || index == null ? null : PageRanges.of(index, chunk, wanted);
        return chunkReader(chunk, leaf, buffers, index, planned);
    }

    private ChunkReader chunkReader(
            ColumnChunkMetaData chunk,
            FileColumn.Leaf leaf,
            ReadBuffers buffers,
            @Nullable OffsetIndex index,
            @Nullable PageRanges planned) {
        FileRanges ranges = ranges(chunk, buffers.windowBytes(), planned);
        return new ChunkReader(ranges, buffers, chunk, leaf, index, ignored);
    }

    private FileRanges ranges(ColumnChunkMetaData chunk, int windowBytes, @Nullable PageRanges planned) {
        long start = chunk.getStartingPos();
        long end = start + chunk.getTotalSize();
        return bytes.mapped().orElseGet(() -> new FetchedRanges(bytes.newStream(), start, end, windowBytes, planned));
    }

    /// The pages of a column chunk with their bounds; empty if the file has no page index.
    public Optional<PageIndex> pageIndex(int rowGroup, FileColumn.Leaf leaf) {
        BlockMetaData group = rowGroups().get(rowGroup);
        return indexes.pages(chunk(group, leaf.descriptor().getPath()), leaf, group.getRowCount());
    }

    /// The Bloom filter of a column chunk; empty if there is none, or none that can be probed.
    public Optional<BloomProbe> bloomFilter(int rowGroup, FileColumn.Leaf leaf) {
        return indexes.bloomFilter(
                chunk(rowGroups().get(rowGroup), leaf.descriptor().getPath()), leaf);
    }

    /// All distinct values of a column chunk, in the column's type; empty unless all of them are in a dictionary.
    public Optional<Column> dictionary(int rowGroup, FileColumn.Leaf leaf, ReadBuffers buffers) {
        ColumnChunkMetaData chunk =
                chunk(rowGroups().get(rowGroup), leaf.descriptor().getPath());
        if (!isDictionaryEncoded(chunk) || chunk.getDictionaryPageOffset() <= 0) {
            return Optional.empty();
        }
        long start = chunk.getStartingPos();
        long end = chunk.getFirstDataPageOffset();
        FileParts.Part page =
                parts.part(start, end, () -> ranges(chunk, buffers.windowBytes(), PageRanges.of(start, end)));
        try (ChunkReader reader = new ChunkReader(page, buffers, chunk, leaf, null, ignored)) {
            Optional<Column> dictionary = reader.dictionary();
            page.keep();
            return dictionary;
        }
    }

    /// Whether a dictionary can hold all values of the chunk: it has the bounds that the footer names, the
    /// footer counts as many pages as the offset index, and the last page uses the dictionary. A writer that
    /// turns to another encoding half way does not turn back, but its footer may not say so.
    public boolean isComplete(int rowGroup, FileColumn.Leaf leaf, Column dictionary) {
        ColumnChunkMetaData chunk =
                chunk(rowGroups().get(rowGroup), leaf.descriptor().getPath());
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
        FileParts.Part part = parts.part(at, end, () -> ranges(chunk, HEADER_BYTES, PageRanges.of(at, end)));
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

    private PageReadStore pages(int rowGroup, FileColumn.Nested nested) {
        MessageType stored = OldLists.stored(nested.fileSchema());
        stored.getColumns().forEach(column -> chunk(rowGroups().get(rowGroup), column.getPath()));
        try {
            ParquetFileReader reader = ParquetFileReader.open(bytes, footer, options(), bytes.newStream());
            nestedReaders.add(reader);
            reader.setRequestedSchema(stored);
            return OldLists.pages(reader.readRowGroup(rowGroup), nested.fileSchema());
        } catch (UnreadableColumnException e) {
            throw new UnreadableColumnException(
                    "column %s: %s".formatted(nested.field().name(), e.getMessage()));
        } catch (IOException | RuntimeException e) {
            throw CorruptParquetException.ofLibrary("column " + nested.field().name(), e);
        }
    }

    @Override
    public void close() {
        try {
            for (ParquetFileReader reader : nestedReaders) {
                reader.close();
            }
            nestedReaders.clear();
            if (stream != null) {
                stream.close();
                stream = null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The average memory of a row of these columns, at least 1 byte.
    public static long bytesPerRow(BlockMetaData group, List<FileColumn> columns) {
        long bytes = 0;
        for (FileColumn column : columns) {
            bytes += switch (column) {
                case FileColumn.Leaf leaf ->
                    unencodedBytes(chunk(group, leaf.descriptor().getPath()));
                case FileColumn.Nested nested -> nested.memoryBytes(group);
                case FileColumn.Constant _ -> 0;
            };
        }
        return Math.max(1, bytes / Math.max(1, group.getRowCount()));
    }

    /// The size of a chunk's values without encodings, according to the footer; with a dictionary it may be a
    /// multiple of the chunk.
    static long unencodedBytes(ColumnChunkMetaData chunk) {
        SizeStatistics sizes = chunk.getSizeStatistics();
        long unencoded =
                sizes == null ? 0 : sizes.getUnencodedByteArrayDataBytes().orElse(0L);
        return Math.max(chunk.getTotalUncompressedSize(), unencoded);
    }
}
