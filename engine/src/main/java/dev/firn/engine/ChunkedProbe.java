package dev.firn.engine;

import java.util.Arrays;

/// Takes feature rows through the loops that [PointInTimeJoin] describes. One thread's; its arrays are reused.
final class ChunkedProbe implements PointInTimeJoin.Probe {
    static final int CHUNK = 2048;

    /// Where more than this part of the rows pass the filter, it costs more than it saves ...
    private static final double FILTER_PAYS_BELOW = 0.75;

    /// ... but every so many chunks it is asked again.
    private static final int FILTER_PROBATION = 32;

    private final SpineIndex index;
    private final PointInTimeJoin join;
    private final int[] rows = new int[CHUNK];
    private final long[] hashes = new long[CHUNK];
    private final int[] groups = new int[CHUNK];
    private final int[] places = new int[CHUNK];
    private final int[] order = new int[CHUNK];
    private final int[] stripeEnds;
    private boolean filterPays = true;
    private int chunks;

    ChunkedProbe(SpineIndex index, PointInTimeJoin join) {
        this.index = index;
        this.join = join;
        this.stripeEnds = new int[join.stripes().length + 1];
    }

    @Override
    public void accept(FeatureBatch batch) {
        KeyColumns keys = KeyColumns.of(batch.keys());
        if (!keys.kinds().equals(index.kinds())) {
            throw new IllegalArgumentException(
                    "keys of kinds %s, the spine's are %s".formatted(keys.kinds(), index.kinds()));
        }
        WinnerSlots slots = join.slotsFor(batch);
        for (int from = 0; from < batch.size(); from += CHUNK) {
            chunk(batch, keys, slots, from, Math.min(CHUNK, batch.size() - from));
        }
        join.count(batch.size());
    }

    private void chunk(FeatureBatch batch, KeyColumns keys, WinnerSlots slots, int from, int size) {
        long[] timestamps = batch.timestamps();
        int n = range(from, size, rows);
        n = KeyColumns.drop(batch.timestampNulls(), rows, n);
        n = keys.dropNulls(rows, n);
        if (index.bounds().latestCreated() != null) {
            n = KeyColumns.drop(batch.createdNulls(), rows, n);
        }
        // a long is hashed faster than its time is looked at
        boolean hashFirst = keys.isOneLong();
        if (!hashFirst) {
            n = withinTimes(timestamps, rows, hashes, n, index.minEarliest(), index.maxLatest());
        }
        keys.hash(rows, n, hashes);
        n = filter(n);
        if (hashFirst) {
            n = withinTimes(timestamps, rows, hashes, n, index.minEarliest(), index.maxLatest());
        }
        n = slots.find(keys, rows, hashes, n, groups);
        n = slots.locate(groups, rows, n, timestamps, batch.created(), places);
        compete(batch, slots, n);
    }

    static int range(int from, int size, int[] rows) {
        for (int i = 0; i < size; i++) {
            rows[i] = from + i;
        }
        return size;
    }

    /// Keeps those of the first `n` rows whose time some spine row can match, and their hashes; without a branch, so
    /// `&` and not `&&`.
    @SuppressWarnings("ShortCircuitBoolean")
    static int withinTimes(long[] timestamps, int[] rows, long[] hashes, int n, long least, long greatest) {
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            rows[kept] = row;
            hashes[kept] = hashes[i];
            kept += timestamps[row] >= least & timestamps[row] <= greatest ? 1 : 0;
        }
        return kept;
    }

    private int filter(int n) {
        if (!filterPays && chunks++ % FILTER_PROBATION != 0) {
            return n;
        }
        int kept = index.filter().keep(rows, hashes, n);
        filterPays = kept < n * FILTER_PAYS_BELOW;
        return kept;
    }

    /// Orders the rows by stripe (a counting sort) and lets each stripe's compete under its lock.
    private void compete(FeatureBatch batch, WinnerSlots slots, int n) {
        Object[] stripes = join.stripes();
        int perStripe = slots.words() / stripes.length + 1;
        Arrays.fill(stripeEnds, 0);
        for (int i = 0; i < n; i++) {
            stripeEnds[places[i] / perStripe]++;
        }
        int end = 0;
        for (int stripe = 0; stripe < stripeEnds.length; stripe++) {
            end += stripeEnds[stripe];
            stripeEnds[stripe] = end;
        }
        for (int i = n - 1; i >= 0; i--) {
            order[--stripeEnds[places[i] / perStripe]] = i;
        }
        for (int stripe = 0; stripe < stripes.length; stripe++) {
            int first = stripeEnds[stripe];
            int last = stripeEnds[stripe + 1];
            if (first < last) {
                synchronized (stripes[stripe]) {
                    slots.compete(order, first, last, places, rows, batch);
                }
            }
        }
    }
}
