package dev.firn.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The winning feature row of every spine row. One thread fills it; afterwards any number of threads may read it.
public final class Winners {
    private final long[] addresses;
    private final long[] timestamps;
    private final long[] ambiguous;
    private final @Nullable Created created;
    private final long rowsProbed;
    private long matched;
    private long ambiguousCount;

    /// Created times of the winners; a bit of `present` is set where there is one.
    private static final class Created {
        private final long[] times;
        private final long[] present;

        Created(int rows) {
            this.times = new long[rows];
            this.present = new long[(rows + 63) >>> 6];
        }
    }

    Winners(int rows, long rowsProbed, boolean keepsCreated) {
        this.addresses = new long[rows];
        this.timestamps = new long[rows];
        this.ambiguous = new long[(rows + 63) >>> 6];
        this.created = keepsCreated ? new Created(rows) : null;
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

    void setCreated(int row, long time) {
        if (created != null) {
            created.times[row] = time;
            created.present[row >>> 6] |= 1L << row;
        }
    }

    /// Whether the winner's created time is null or was not kept, see [PointInTimeJoin#keepingCreated].
    public boolean isCreatedNull(int row) {
        return created == null || (created.present[row >>> 6] & 1L << row) == 0;
    }

    /// The winner's created time, in the unit of its column. Unspecified if [#isCreatedNull].
    public long created(int row) {
        return created == null ? 0 : created.times[row];
    }

    /// The number of spine rows.
    public int size() {
        return addresses.length;
    }

    /// [RowAddress#NONE] if the row has no winner.
    public long address(int row) {
        return addresses[row];
    }

    /// The winner's timestamp, in the feature's unit. Unspecified if the row has no winner.
    public long timestamp(int row) {
        return timestamps[row];
    }

    /// Whether another candidate had the winner's timestamp and created time, so that only its address decided.
    public boolean isAmbiguous(int row) {
        return (ambiguous[row >>> 6] & 1L << row) != 0;
    }

    /// The number of spine rows with a winner.
    public long matched() {
        return matched;
    }

    /// The number of spine rows whose winner [#isAmbiguous].
    public long ambiguous() {
        return ambiguousCount;
    }

    /// The number of feature rows the join has seen.
    public long rowsProbed() {
        return rowsProbed;
    }

    /// The winners without duplicates, sorted by address. Each call sorts again.
    public DistinctWinners distinct() {
        int[] all = new int[addresses.length];
        Arrays.setAll(all, row -> row);
        return distinct(all);
    }

    /// Like [#distinct()], for some spine rows; the order is theirs.
    public DistinctWinners distinct(int[] some) {
        int[] rows = new int[some.length];
        Arrays.setAll(rows, i -> i);
        long[] sorted = Arrays.stream(some).mapToLong(row -> addresses[row]).toArray();
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
