package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import dev.firn.engine.KeyHash;
import dev.firn.lake.columns.ColumnLayout.Form;
import dev.firn.lake.columns.ColumnSource;
import dev.firn.lake.columns.ColumnWriter;
import dev.firn.lake.columns.KeyIndex;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Makes the [KeyIndex] of a column chunk. For one thread.
final class UnpackedKeys implements ColumnSource, ColumnSource.Opening {
    private static final int BATCH_ROWS = 8_192;

    private final WholeChunk chunk;
    private final int rows;
    private final Wanted wanted;
    private final KeyIndex index;

    /// @param isInDictionary whether the distinct values of the chunk are known
    /// @param keys how many keys were to be looked up
    /// @param most rows that are worth looking up
    record Wanted(boolean isInDictionary, int keys, int most) {}

    UnpackedKeys(WholeChunk chunk, int rows, Wanted wanted) {
        this.chunk = chunk;
        this.rows = rows;
        this.wanted = wanted;
        this.index = new KeyIndex(rows);
    }

    @Override
    public long estimatedBytes() {
        return rows() * Integer.BYTES;
    }

    @Override
    public ColumnSource open() {
        return this;
    }

    @Override
    public Form form() {
        return Form.INTS;
    }

    @Override
    public int width() {
        return Integer.BYTES;
    }

    @Override
    public long rows() {
        return index.words();
    }

    @Override
    public void writeTo(ColumnWriter target) throws IOException {
        int[] words = index.of(hashes());
        chunk.requireSameVersion();
        target.rows(words.length, MemorySegment.ofArray(words));
    }

    private int[] hashes() {
        ChunkReader reader = chunk.open();
        if (chunk.rows() != rows) {
            throw new CorruptParquetException("%d rows, expected %d".formatted(chunk.rows(), rows));
        }
        if (wanted.isInDictionary) {
            requireManyKeys(reader.dictionary().map(Column::size).orElse(0));
        }
        int[] hashes = new int[rows];
        // the chunk closes the reader
        ColumnCursor keys =
                chunk.isDictionaryOfStrings(reader.newVector()) ? new IdCursor(reader) : new LeafCursor(reader);
        for (int row = 0; row < rows; row += BATCH_ROWS) {
            int size = Math.min(BATCH_ROWS, rows - row);
            keys.clear();
            keys.read(size);
            Column batch = keys.view();
            long[] ofBatch = KeyHash.of(batch, 0, size);
            for (int i = 0; i < size; i++) {
                // null rows match nothing; in one bucket they would be in the way of its keys
                hashes[row + i] = batch.isNull(i) ? (row + i) * 0x9E3779B9 : (int) (ofBatch[i] >>> 32);
            }
        }
        return hashes;
    }

    /// An index of few keys would find too many rows of each.
    private void requireManyKeys(int distinct) {
        if ((long) wanted.keys * rows > (long) wanted.most * distinct) {
            throw new IllegalStateException("[%s] %d rows have only %d keys, of which %d were wanted"
                    .formatted(chunk.location(), rows, distinct, wanted.keys));
        }
    }

    @Override
    public void close() {
        chunk.close();
    }
}
