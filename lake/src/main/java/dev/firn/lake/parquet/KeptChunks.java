package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import dev.firn.engine.KeyHash;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.columns.ColumnCache.Use;
import dev.firn.lake.columns.ColumnKey;
import dev.firn.lake.columns.DamagedColumnException;
import dev.firn.lake.columns.KeyIndex;
import dev.firn.lake.columns.StoredColumn;
import dev.firn.lake.storage.StoreInput;
import java.util.Optional;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/// What a cache of columns keeps of a file's column chunks. Whatever it does not keep, it is asked to keep.
final class KeptChunks {
    /// How an index of keys is named beside the column that it was made from.
    private static final String INDEX = ", rows by key";

    private final ParquetFile file;
    private final StoreInput input;

    KeptChunks(ParquetFile file, StoreInput input) {
        this.file = file;
        this.input = input;
    }

    private static ColumnKey key(ColumnCache.OfFile columns, int rowGroup, FileColumn.Leaf leaf, String suffix) {
        return columns.key(
                rowGroup,
                String.join("\0", leaf.descriptor().getPath()),
                leaf.conversion().name() + suffix);
    }

    private ColumnChunkMetaData chunk(int rowGroup, FileColumn.Leaf leaf) {
        return ColumnChunks.of(file.rowGroups().get(rowGroup), leaf.descriptor().getPath());
    }

    /// The unpacked column, if there is a cache and it is kept there.
    Optional<StoredRows> rows(int rowGroup, FileColumn.Leaf leaf, ReadBuffers buffers, @Nullable WantedRows wanted) {
        return input.columns().flatMap(columns -> {
            ColumnCache cache = columns.cache();
            ColumnKey key = key(columns, rowGroup, leaf, "");
            ColumnChunkMetaData chunk = chunk(rowGroup, leaf);
            Optional<StoredColumn> found = cache.find(key);
            if (found.isEmpty() && UnpackedColumn.isWorthKeeping(chunk)) {
                Use use = wanted instanceof RowSelection ? Use.VALUES : Use.JOIN;
                WholeChunk source = new WholeChunk(input, columns, rowGroup, leaf);
                cache.missed(key, use, new UnpackedColumn(source, file, rowGroup, leaf));
            }
            return found.map(stored -> new StoredRows(
                    cache, stored, leaf, chunk.hasDictionaryPage(), () -> file.chunkReader(rowGroup, leaf, buffers)));
        });
    }

    /// The rows that may have one of the keys `from` to `to` of a column, if they are few and an index of the chunk is
    /// kept.
    Optional<RowRanges> rowsOf(int rowGroup, FileColumn.Leaf leaf, Column keys, int from, int to) {
        long rows = file.rowGroups().get(rowGroup).getRowCount();
        ColumnChunkMetaData chunk = chunk(rowGroup, leaf);
        if (rows > KeyIndex.MAX_ROWS || !UnpackedColumn.isWorthKeeping(chunk)) {
            return Optional.empty();
        }
        return input.columns().flatMap(columns -> {
            ColumnCache cache = columns.cache();
            int most = cache.lookups().mostRows((int) rows, to - from);
            if (most == 0) {
                return Optional.empty();
            }
            ColumnKey key = key(columns, rowGroup, leaf, INDEX);
            Optional<StoredColumn> found = cache.find(key);
            if (found.isEmpty()) {
                UnpackedKeys.Wanted wanted =
                        new UnpackedKeys.Wanted(ColumnChunks.isDictionaryEncoded(chunk), to - from, most);
                WholeChunk source = new WholeChunk(input, columns, rowGroup, leaf);
                cache.missed(key, Use.JOIN, new UnpackedKeys(source, (int) rows, wanted));
            }
            return found.flatMap(index -> rows(cache, index, (int) rows, KeyHash.of(keys, from, to), most));
        });
    }

    private static Optional<RowRanges> rows(ColumnCache cache, StoredColumn index, int rows, long[] hashes, int most) {
        try {
            int[] found = new KeyIndex(rows).rows(index, hashes, most);
            if (found == null) {
                return Optional.empty();
            }
            RowRanges.Builder ranges = new RowRanges.Builder();
            for (int row : found) {
                ranges.add(row, row + 1L);
            }
            return Optional.of(ranges.build());
        } catch (DamagedColumnException e) {
            cache.discard(index, e);
            return Optional.empty();
        } finally {
            index.release();
        }
    }
}
