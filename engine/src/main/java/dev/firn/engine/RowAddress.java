package dev.firn.engine;

/// Where a feature row lies: the ordinal of its file and its position in it, in one non-negative long (`ordinal <<
/// 40 | position`).
///
/// Ordinals are given in the order of (data sequence number, path without scheme). Addresses therefore compare as
/// ties are broken: the greater wins.
public final class RowAddress {
    /// No row.
    public static final long NONE = -1;

    /// Files of one scan: 2^23.
    public static final int MAX_FILES = 1 << 23;

    /// Rows of one file: 2^40 - 1. The last position is left free, so that no address equals [Long#MAX_VALUE].
    public static final long MAX_ROWS = (1L << 40) - 1;

    private static final int POSITION_BITS = 40;

    private RowAddress() {}

    public static long of(int fileOrdinal, long position) {
        if (fileOrdinal < 0 || fileOrdinal >= MAX_FILES || position < 0 || position >= MAX_ROWS) {
            throw new IllegalArgumentException("file %d, position %d lies beyond %d files of %d rows"
                    .formatted(fileOrdinal, position, MAX_FILES, MAX_ROWS));
        }
        return (long) fileOrdinal << POSITION_BITS | position;
    }

    public static int fileOrdinal(long address) {
        return (int) (address >>> POSITION_BITS);
    }

    public static long position(long address) {
        return address & MAX_ROWS;
    }
}
