package dev.firn.lake.parquet;

import dev.firn.engine.Column;
import java.util.Optional;

/// The rows of a primitive column of one row group, read forwards: from the table's file, or unpacked from the cache.
/// Not thread-safe.
sealed interface LeafRows extends AutoCloseable permits ChunkReader, StoredRows {
    /// A vector that takes the column's values.
    Vector newVector();

    void skip(long count);

    void read(int count, Vector out);

    /// Like [#read], but appends ids of the dictionary.
    void readIds(int count, Vector.Ints out);

    /// Reads these rows, none of which was passed yet.
    void take(RowSelection wanted, Vector out);

    /// The values that ids stand for, which may have to be read first; empty if there is no dictionary.
    Optional<Column> dictionary();

    /// The number of values of the dictionary, as far as it is known now.
    int dictionarySize();

    /// The length of the longest byte string that rows of the file share in a dictionary; 0 if they share none.
    long maxSharedValueBytes();

    @Override
    void close();
}
