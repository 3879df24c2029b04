package dev.firn.engine;

/// The address of a feature row: the ordinal of its file and its position in that file, in one non-negative long
/// (`ordinal << 40 | position`). Row 5 of file 2 is `2 << 40 | 5`, which is 2,199,023,255,557.
///
/// Files are numbered in the order of (data sequence number, path without scheme). So the order of addresses is the
/// order that breaks ties: the greater address wins.
public final class RowAddress {
    /// No row.
    public static final long NONE = -1;

    /// Files of one scan, at most: 2^23.
    public static final int MAX_FILES = 1 << 23;

    /// Rows of one file, at most: 2^40 - 1. The last position is unused, so that no address equals [Long#MAX_VALUE].
    public static final long MAX_ROWS = (1L << 40) - 1;

    private static final int POSITION_BITS = 40;

    private RowAddress() {}

    public static long of(int fileOrdinal, long position) {
        if (fileOrdinal < 0 || fileOrdinal >= MAX_FILES || position < 0 || position >= MAX_ROWS) {
            throw new IllegalArgumentException("file %d, position %d is outside the range of %d files with %d rows each"
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
