package dev.firn.retrieval.job.values;

import java.util.BitSet;

/// The bytes that the values of each winner take in memory. They tell how many rows of the slice can be put together at
/// once: one value may be many times as wide as the others, and many rows may want it.
///
/// Several threads add winners at the same time, each winner by one thread. The other methods are for afterwards.
final class WinnerBytes {
    private final int[] order;
    private final int[] bytes;

    /// @param order for each row of the slice the number of its winner, or -1
    WinnerBytes(int[] order, int winners) {
        this.order = order;
        this.bytes = new int[winners];
    }

    void add(int winner, long more) {
        bytes[winner] = (int) Math.min(Integer.MAX_VALUE, bytes[winner] + more);
    }

    long of(int winner) {
        return bytes[winner];
    }

    /// Where the rows from `from` on must end so that they take at most `maxBytes`, if each row has a copy of its
    /// winner's values. At most `limit`, and at least one row.
    int end(int from, int limit, long maxBytes) {
        long taken = 0;
        for (int row = from; row < limit; row++) {
            taken += order[row] < 0 ? 0 : bytes[order[row]];
            if (taken > maxBytes && row > from) {
                return row;
            }
        }
        return limit;
    }

    /// The same, if rows with the same winner share its values.
    int endShared(int from, int limit, long maxBytes) {
        BitSet seen = new BitSet(bytes.length);
        long taken = 0;
        for (int row = from; row < limit; row++) {
            int winner = order[row];
            if (winner >= 0 && !seen.get(winner)) {
                seen.set(winner);
                taken += bytes[winner];
            }
            if (taken > maxBytes && row > from) {
                return row;
            }
        }
        return limit;
    }
}
