package dev.firn.lake.columns;

/// Decides when the keys of a column chunk are looked up in a [KeyIndex] instead of streamed. Thread-safe.
public interface KeyLookups {
    /// An index of so few rows saves nothing, and would take one of the entries of the cache.
    int MIN_ROWS = 1 << 14;

    /// With fewer rows for each key, all of them are streamed in the time that looking up takes.
    int MIN_ROWS_PER_KEY = 64;

    /// Rows that are read one by one cost about as much as eight in a stream.
    int MIN_ROWS_PER_FOUND = 8;

    KeyLookups OF_FEW_KEYS =
            (rows, keys) -> rows < MIN_ROWS || (long) keys * MIN_ROWS_PER_KEY > rows ? 0 : rows / MIN_ROWS_PER_FOUND;

    /// The most rows worth finding with an index of `rows` rows, of which `keys` keys are wanted; 0 if no
    /// index is worth having.
    int mostRows(int rows, int keys);
}
