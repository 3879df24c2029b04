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

    /// The winners' addresses, sorted, each once. Made anew by each call.
    public long[] distinctAddresses() {
        long[] sorted = addresses.clone();
        Arrays.sort(sorted);
        int kept = 0;
        for (long address : sorted) {
            if (address != RowAddress.NONE && (kept == 0 || sorted[kept - 1] != address)) {
                sorted[kept++] = address;
            }
        }
        return Arrays.copyOf(sorted, kept);
    }

    /// For each spine row the index of its winner in [#distinctAddresses], -1 without one: ready for [Column#take].
    public int[] takeOrder() {
        int[] rows = new int[addresses.length];
        Arrays.setAll(rows, row -> row);
        long[] sorted = addresses.clone();
        LongSort.pairs(sorted, rows, 0);
        int[] order = new int[rows.length];
        int index = -1;
        for (int i = 0; i < sorted.length; i++) {
            if (sorted[i] != RowAddress.NONE && (i == 0 || sorted[i] != sorted[i - 1])) {
                index++;
            }
            order[rows[i]] = index;
        }
        return order;
    }
}
