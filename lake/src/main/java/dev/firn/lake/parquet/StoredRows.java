package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.columns.DamagedColumnException;
import dev.firn.lake.columns.StoredColumn;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The rows of a column that is kept unpacked.
///
/// What is read is checked first. If it is damaged, nothing of it was passed on: the column is discarded, and this and
/// all further rows come from the table's file, from the same row on.
final class StoredRows implements LeafRows {
    private final ColumnCache cache;
    private final StoredColumn stored;
    private final StoredValues values;
    private final FileColumn.Leaf leaf;
    private final boolean isShared;
    private final Supplier<ChunkReader> source;
    private @Nullable ChunkReader reader;
    private long row;

    /// @param stored held; closing releases it
    /// @param isShared whether the file's chunk has a dictionary
    /// @param source opens the column in the table's file
    StoredRows(
            ColumnCache cache,
            StoredColumn stored,
            FileColumn.Leaf leaf,
            boolean isShared,
            Supplier<ChunkReader> source) {
        this.cache = cache;
        this.stored = stored;
        this.values = new StoredValues(stored);
        this.leaf = leaf;
        this.isShared = isShared;
        this.source = source;
    }

    @Override
    public Vector newVector() {
        return new ValueDecoder(leaf.descriptor(), leaf.conversion()).newTarget();
    }

    @Override
    public void skip(long count) {
        row += count;
        if (reader != null) {
            reader.skip(count);
        }
    }

    @Override
    public void read(int count, Vector out) {
        ChunkReader file = reader == null ? fileIfDamaged(row, count) : reader;
        if (file == null) {
            values.append(row, count, out);
        } else {
            file.read(count, out);
        }
        row += count;
    }

    @Override
    public void readIds(int count, Vector.Ints out) {
        ChunkReader file = reader == null ? fileIfDamaged(row, count) : reader;
        if (file == null) {
            values.appendCodes(row, count, out);
        } else {
            file.readIds(count, out);
        }
        row += count;
    }

    @Override
    public void take(RowSelection wanted, Vector out) {
        if (wanted.size() == 0) {
            return;
        }
        ChunkReader file = reader;
        for (int i = 0; i < wanted.size() && file == null; i++) {
            file = fileIfDamaged(wanted.row(i), 1);
        }
        if (file == null) {
            values.append(wanted, out);
        } else {
            file.take(wanted, out);
        }
        row = wanted.row(wanted.size() - 1) + 1;
    }

    /// Checks these rows. If they are damaged, the file is read from now on.
    private @Nullable ChunkReader fileIfDamaged(long from, int count) {
        long rows = stored.layout().rows();
        if (from + count > rows) {
            throw new CorruptParquetException(
                    "a column of %d rows, but row %d was requested".formatted(rows, from + count - 1));
        }
        try {
            values.check(from, count);
            return null;
        } catch (DamagedColumnException e) {
            cache.discard(stored, e);
            ChunkReader opened = source.get();
            opened.skip(row);
            reader = opened;
            return opened;
        }
    }

    @Override
    public Optional<Column> dictionary() {
        return reader == null ? Optional.of(values.dictionary().view()) : reader.dictionary();
    }

    @Override
    public int dictionarySize() {
        return reader == null ? values.dictionary().size : reader.dictionarySize();
    }

    @Override
    public long maxSharedValueBytes() {
        return isShared ? stored.layout().longestString() : 0;
    }

    @Override
    public void close() {
        stored.release();
        if (reader != null) {
            reader.close();
        }
    }
}
