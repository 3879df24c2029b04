package dev.firn.engine;

import java.util.Arrays;

/// The winning feature row of every spine row. Owned by one thread until it is filled; read by any number afterwards.
public final class Winners {
    private final long[] addresses;
    private final long[] timestamps;
    private final long[] ambiguous;
    private final long rowsProbed;
    private long matched;
    private long ambiguousCount;

    Winners(int rows, long rowsProbed) {
        this.addresses = new long[rows];
        this.timestamps = new long[rows];
        this.ambiguous = new long[(rows + 63) >>> 6];
        this.rowsProbed = rowsProbed;
        Arrays.fill(addresses, RowAddress.NONE);
    }

    void set(int row, long address, long timestamp, boolean tied) {
        addresses[row] = address;
        timestamps[row] = timestamp;
        matched++;
        if (tied) {
            ambiguous[row >>> 6] |= 1L << row;
            ambiguousCount++;
        }
    }

    /// Spine rows.
    public int size() {
        return addresses.length;
    }

    /// [RowAddress#NONE] if the row has no winner.
    public long address(int row) {
        return addresses[row];
    }

    /// In the feature's unit; meaningless without a winner.
    public long timestamp(int row) {
        return timestamps[row];
    }

    /// Whether another candidate had the winner's time and created time.
    public boolean isAmbiguous(int row) {
        return (ambiguous[row >>> 6] & 1L << row) != 0;
    }

    /// Spine rows with a winner.
    public long matched() {
        return matched;
    }

    public long ambiguous() {
        return ambiguousCount;
    }

    /// Feature rows seen.
    public long rowsProbed() {
        return rowsProbed;
    }

    /// Each winner once. Sorts; made anew by each call.
    public DistinctWinners distinct() {
        int[] rows = new int[addresses.length];
        Arrays.setAll(rows, row -> row);
        long[] sorted = addresses.clone();
        LongSort.pairs(sorted, rows, 0);
        int[] order = new int[rows.length];
        int kept = 0;
        for (int i = 0; i < sorted.length; i++) {
            long address = sorted[i];
            if (address != RowAddress.NONE && (kept == 0 || sorted[kept - 1] != address)) {
                sorted[kept++] = address;
            }
            order[rows[i]] = address == RowAddress.NONE ? -1 : kept - 1;
        }
        return new DistinctWinners(Arrays.copyOf(sorted, kept), order);
    }
}
