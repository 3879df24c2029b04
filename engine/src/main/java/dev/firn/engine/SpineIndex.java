package dev.firn.engine;

import java.util.List;

/// The spine, grouped by key.
@SuppressWarnings("DoNotCallSuggester")
public final class SpineIndex {
    private SpineIndex() {}

    /// Keys are [LongColumn]s or [BytesColumn]s. Throws [IllegalArgumentException] for other kinds, or lengths that
    // differ.
    public static SpineIndex of(List<Column> keys, TimeBounds bounds) {
        throw new UnsupportedOperationException();
    }

    /// Spine rows, those that match nothing included.
    public int rows() {
        throw new UnsupportedOperationException();
    }

    /// Distinct keys that can match.
    public int groups() {
        throw new UnsupportedOperationException();
    }

    public long retainedBytes() {
        throw new UnsupportedOperationException();
    }

    /// Whether a spine row has this value in this key column. Never says no to one that has.
    public boolean mightContain(int keyOrdinal, long value) {
        throw new UnsupportedOperationException();
    }

    /// Whether a spine row has these bytes in this key column. Never says no to one that has.
    public boolean mightContain(int keyOrdinal, byte[] data, int from, int length) {
        throw new UnsupportedOperationException();
    }

    /// The sorted distinct values of a key column, without nulls.
    public Column distinctKeys(int keyOrdinal, KeyOrder order) {
        throw new UnsupportedOperationException();
    }

    /// The same, in the natural order of longs or the unsigned order of bytes.
    public Column distinctKeys(int keyOrdinal) {
        throw new UnsupportedOperationException();
    }

    /// The least feature time that any row can match; greater than [#maxLatest] if no row can match anything.
    public long minEarliest() {
        throw new UnsupportedOperationException();
    }

    /// The greatest feature time that any row can match.
    public long maxLatest() {
        throw new UnsupportedOperationException();
    }
}
