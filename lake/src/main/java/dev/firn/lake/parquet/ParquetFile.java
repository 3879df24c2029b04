package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import dev.firn.lake.storage.LocalPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/// A Parquet file with its footer, and cursors over its column chunks. For one thread at a time; other threads use
/// their own, from [#reopen], even after this one is closed. Reopening shares the footer and sends no request until
/// something else is read.
public final class ParquetFile implements AutoCloseable {
    private static final String FOOTER = "footer";

    private final ParquetBytes bytes;
    private ParquetBytes.@Nullable CountedStream stream;
    private final Footer footer;
    private final List<ParquetFileReader> nestedReaders = new ArrayList<>();
    private final FileIndexes indexes;
    private final ChunkDictionaries dictionaries;
    private final KeptChunks kept;
    private final Consumer<String> ignored;
    private @Nullable MessageType withIds;

    private ParquetFile(
            ParquetBytes bytes, ParquetBytes.@Nullable CountedStream stream, Footer footer, Consumer<String> ignored) {
        this.bytes = bytes;
        this.stream = stream;
        this.footer = footer;
        this.ignored = ignored;
        FileParts parts = new FileParts(bytes, this::stream);
        this.indexes = new FileIndexes(bytes.getLength(), parts, ignored);
        this.dictionaries = new ChunkDictionaries(parts, indexes, this::ranges, ignored);
        this.kept = new KeptChunks(this, bytes.file());
    }

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
            return new ParquetFile(bytes, null, kept, ignored);
        }
        ParquetBytes.CountedStream stream = bytes.newStream();
        try {
            bytes.fetchTail();
            List<String> notes = new ArrayList<>();
            Footer read = Footer.read(bytes, stream, notes::add);
            ParquetFile opened = new ParquetFile(bytes, stream, read, ignored);
            if (notes.isEmpty() && bytes.file().isKept()) {
                bytes.file().keep(FOOTER, read, read.heapBytes(stream, bytes.getLength()));
            }
            notes.forEach(ignored);
            return opened;
        } catch (IOException | RuntimeException e) {
            closeQuietly(stream, e);
            throw CorruptParquetException.ofLibrary("unreadable footer", e);
        }
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
        return new ParquetFile(bytes, null, footer, ignored);
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
        return footer.schema();
    }

    /// The schema in the footer as it is.
    public MessageType storedSchema() {
        return footer.stored().getFileMetaData().getSchema();
    }

    public List<BlockMetaData> rowGroups() {
        return footer.stored().getBlocks();
    }

    public long rows() {
        long rows = 0;
        for (BlockMetaData group : footer.stored().getBlocks()) {
            rows += group.getRowCount();
        }
        return rows;
    }

    /// Number of column chunks, which determines the size of the footer in memory.
    public long columnChunks() {
        return footer.columnChunks();
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
        String writer = footer.stored().getFileMetaData().getCreatedBy();
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
        return schema().getFields().stream().map(Type::getName).toList();
    }

    /// Where the values of such a column come from. Throws [UnreadableColumnException].
    public FileColumn column(String name) {
        MessageType known = withIds;
        if (known == null) {
            known = ForeignSchema.withIds(schema());
            withIds = known;
        }
        NestedField field = ForeignSchema.schema(known, List.of(name)).columns().getFirst();
        return FileSchema.ofIds(known).find(field).orElseThrow();
    }

    String metadata(String key) {
        return footer.stored().getFileMetaData().getKeyValueMetaData().getOrDefault(key, "");
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
                && ColumnChunks.isDictionaryEncoded(chunk(rowGroup, leaf))
                && ColumnChunks.isByteArray(leaf)) {
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
        return target instanceof ByteVector && ColumnChunks.isDictionaryEncoded(chunk(rowGroup, leaf));
    }

    private ColumnChunkMetaData chunk(int rowGroup, FileColumn.Leaf leaf) {
        return ColumnChunks.of(rowGroups().get(rowGroup), leaf.descriptor().getPath());
    }

    ChunkReader chunkReader(int rowGroup, FileColumn.Leaf leaf, ReadBuffers buffers) {
        return chunkReader(rowGroup, leaf, buffers, null);
    }

    /// Fetches a column chunk like a cursor over all rows, but decodes nothing; returns its bytes. For benchmarks.
    public long fetch(int rowGroup, FileColumn.Leaf leaf) {
        ColumnChunkMetaData chunk = chunk(rowGroup, leaf);
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
        ColumnChunkMetaData chunk = chunk(rowGroup, leaf);
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
        return indexes.pages(chunk(rowGroup, leaf), leaf, group.getRowCount());
    }

    /// The Bloom filter of a column chunk; empty if there is none, or none that can be probed.
    public Optional<BloomProbe> bloomFilter(int rowGroup, FileColumn.Leaf leaf) {
        return indexes.bloomFilter(chunk(rowGroup, leaf), leaf);
    }

    /// All distinct values of a column chunk, in the column's type; empty unless all of them are in a dictionary.
    public Optional<Column> dictionary(int rowGroup, FileColumn.Leaf leaf, ReadBuffers buffers) {
        return dictionaries.read(chunk(rowGroup, leaf), leaf, buffers);
    }

    /// Whether a dictionary can hold all values of the chunk ([ChunkDictionaries#isComplete]).
    public boolean isComplete(int rowGroup, FileColumn.Leaf leaf, Column dictionary) {
        return dictionaries.isComplete(chunk(rowGroup, leaf), leaf, dictionary);
    }

    private PageReadStore pages(int rowGroup, FileColumn.Nested nested) {
        MessageType stored = OldLists.stored(nested.fileSchema());
        stored.getColumns().forEach(column -> ColumnChunks.of(rowGroups().get(rowGroup), column.getPath()));
        try {
            ParquetFileReader reader =
                    ParquetFileReader.open(bytes, footer.stored(), Footer.options(), bytes.newStream());
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
}
