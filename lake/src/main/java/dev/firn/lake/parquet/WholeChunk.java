package dev.firn.lake.parquet;

import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.storage.StoreInput;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Reads a column chunk from end to end, with all checks, for the cache of columns. For one thread.
///
/// Until it is opened it holds no footer: thousands of chunks may wait, and nobody counts their memory. What is read of
/// the file in the background is not counted as read by a request.
final class WholeChunk implements AutoCloseable {
    private final StoreInput input;
    private final ColumnCache.OfFile version;
    private final int rowGroup;
    private final FileColumn.Leaf leaf;
    private @Nullable ParquetFile file;
    private @Nullable ReadBuffers buffers;
    private @Nullable ChunkReader reader;

    /// @param version under which what is made of it will be found
    WholeChunk(StoreInput input, ColumnCache.OfFile version, int rowGroup, FileColumn.Leaf leaf) {
        this.input = input;
        this.version = version;
        this.rowGroup = rowGroup;
        this.leaf = leaf;
    }

    /// Opens it; call it once, and before the other methods.
    ChunkReader open() {
        ParquetFile opened = ParquetFile.open(input, new LongAdder());
        file = opened;
        ReadBuffers own = new ReadBuffers();
        buffers = own;
        ChunkReader chunk = opened.chunkReader(rowGroup, leaf, own);
        reader = chunk;
        return chunk;
    }

    private ParquetFile file() {
        return Optional.ofNullable(file).orElseThrow();
    }

    long rows() {
        return file().rowGroups().get(rowGroup).getRowCount();
    }

    /// Whether all values are ids of a dictionary of byte strings.
    boolean isDictionaryOfStrings(Vector target) {
        return file().isDictionaryOfStrings(rowGroup, leaf, target);
    }

    String location() {
        return input.location();
    }

    /// Throws if what was read is not of the version that it was asked for.
    void requireSameVersion() {
        if (!input.isUnchanged(version)) {
            throw new IllegalStateException("[%s] changed while it was read".formatted(location()));
        }
    }

    @Override
    public void close() {
        try {
            if (reader != null) {
                reader.close();
            }
        } finally {
            if (buffers != null) {
                buffers.close();
            }
            if (file != null) {
                file.close();
            }
        }
    }
}
