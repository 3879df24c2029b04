package dev.firn.engine;

/// What a point-in-time join takes in memory for each spine row. An estimate for jobs that reserve memory before they
/// build the index: every row has a key of its own, and the view has a created column. Composite keys that are distinct
/// in every column may take a quarter more.
public final class JoinMemory {
    /// 4 for the row's place in the index and 52 for its key, 16 for its bounds, 40 for its slot and 24 for its group's
    /// record.
    private static final long JOIN_BYTES = 136;

    /// A further key column has a key table of its own (52) and its values (8).
    private static final long FURTHER_KEY_BYTES = 64;

    /// Address and timestamp (16), and what [Winners#distinct] makes of them (12).
    private static final long WINNER_BYTES = 32;

    /// Timestamp, created time, tie, and the nulls of the first two.
    private static final long KNOWN_BYTES = 18;

    /// What [WinnerRefresh] has (10), its [RefreshVerdicts] (1), created times of the winners that came (8) and of all
    /// winners (8), addresses and timestamps of the former (16), and numbers of the rows that stay (14).
    private static final long REFRESH_BYTES = 57;

    /// Number and winner of a row that is looked up afresh.
    private static final long AFRESH_BYTES = 24;

    private static final long PERCENT = 100;

    private JoinMemory() {}

    /// Bytes per spine row of index, bounds and join together, until [PointInTimeJoin#finish] has returned.
    public static long joinBytesPerRow(int keyColumns) {
        return JOIN_BYTES + FURTHER_KEY_BYTES * (keyColumns - 1);
    }

    /// Bytes per spine row of [Winners] and [DistinctWinners].
    public static long winnerBytesPerRow() {
        return WINNER_BYTES;
    }

    /// Bytes per spine row of [KnownWinners].
    public static long knownWinnerBytesPerRow() {
        return KNOWN_BYTES;
    }

    /// Bytes per spine row of a refresh, beside the join of the rows that came.
    ///
    /// @param percentAfresh the most rows that are looked up afresh, in percent: these have an index of their own
    public static long refreshBytesPerRow(int keyColumns, int percentAfresh) {
        long afresh = joinBytesPerRow(keyColumns) + AFRESH_BYTES;
        return REFRESH_BYTES + afresh * Math.min(PERCENT, percentAfresh) / PERCENT;
    }
}
