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

    private JoinMemory() {}

    /// Bytes per spine row of index, bounds and join together, until [PointInTimeJoin#finish] has returned.
    public static long joinBytesPerRow(int keyColumns) {
        return JOIN_BYTES + FURTHER_KEY_BYTES * (keyColumns - 1);
    }

    /// Bytes per spine row of [Winners] and [DistinctWinners].
    public static long winnerBytesPerRow() {
        return WINNER_BYTES;
    }
}
