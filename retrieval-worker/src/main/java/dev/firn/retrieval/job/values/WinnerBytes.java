package dev.firn.retrieval.job.values;

import java.util.BitSet;

/// What the values of each winner take in memory, and so how many rows of the slice can be put together at once: a
/// value may be many times as wide as the others, and be wanted by many rows. Winners are added by any thread, each by
/// one; the rest is for afterwards.
final class WinnerBytes {
    private final int[] order;
    private final int[] bytes;

    /// @param order for each row of the slice the number of its winner, -1 without one
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

    /// Where rows from `from` on, but none from `most`, take no more than `maxBytes` if each has its values to itself.
    // At
    /// least one row fits.
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

    /// The same if rows of one winner share its values.
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
