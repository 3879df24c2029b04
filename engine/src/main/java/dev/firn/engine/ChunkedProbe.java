package dev.firn.engine;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs feature rows through the loops that [PointInTimeJoin] describes, one chunk at a time. For one thread, which
/// reuses the arrays for every chunk.
///
/// If the key is one string column and its dictionary is no larger than a batch, each of its strings is looked up once.
/// Then a row's id leads to its group's record without hash, filter and comparison.
final class ChunkedProbe implements PointInTimeJoin.Probe {
    static final int CHUNK = 2048;

    /// The filter is switched off when at least this share of a chunk passes: it then costs more than it saves.
    private static final double MAX_PASSING_SHARE = 0.75;

    /// Chunks between two trials of a filter that is switched off.
    private static final int FILTER_TRIAL_INTERVAL = 32;

    private final SpineIndex index;
    private final PointInTimeJoin join;
    private final int[] rows = new int[CHUNK];
    private final long[] hashes = new long[CHUNK];
    private final int[] recordOffsets = new int[CHUNK];
    private final int[] bestOffsets = new int[CHUNK];
    private final int[] order = new int[CHUNK];
    private final int[] stripeEnds;
    /// The dictionary whose strings were looked up, and the offsets of their groups' records, or -1.
    private @Nullable BytesColumn lookedUp;
    private int[] recordOfId = new int[0];
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
            throw new IllegalArgumentException("key columns are %s, but the spine's are %s"
                    .formatted(KeyColumns.names(keys.kinds()), KeyColumns.names(index.kinds())));
        }
        WinnerSlots slots = join.slotsFor(batch);
        int[] ids = idsOfRecords(batch, slots);
        for (int from = 0; from < batch.size(); from += CHUNK) {
            chunk(batch, keys, ids, slots, from, Math.min(CHUNK, batch.size() - from));
        }
        join.count(batch.size());
    }

    /// The ids of the rows' keys, if [#recordOfId] has their records.
    private int @Nullable [] idsOfRecords(FeatureBatch batch, WinnerSlots slots) {
        if (batch.keys().size() != 1 || !(batch.keys().getFirst() instanceof DictionaryColumn key)) {
            return null;
        }
        BytesColumn strings = key.dictionary();
        if (strings != lookedUp && strings.size() <= batch.size()) {
            lookUp(strings, slots);
            lookedUp = strings;
        }
        return strings == lookedUp ? key.ids() : null;
    }

    private void lookUp(BytesColumn strings, WinnerSlots slots) {
        KeyColumns keys = KeyColumns.of(List.of(strings));
        recordOfId = new int[strings.size()];
        Arrays.fill(recordOfId, -1);
        for (int from = 0; from < strings.size(); from += CHUNK) {
            int n = range(from, Math.min(CHUNK, strings.size() - from), rows);
            keys.hash(rows, n, hashes);
            n = slots.find(keys, rows, hashes, n, recordOffsets);
            for (int i = 0; i < n; i++) {
                recordOfId[rows[i]] = recordOffsets[i];
            }
        }
    }

    private void chunk(
            FeatureBatch batch, KeyColumns keys, int @Nullable [] ids, WinnerSlots slots, int from, int size) {
        long[] timestamps = batch.timestamps();
        int n = range(from, size, rows);
        n = KeyColumns.drop(batch.timestampNulls(), rows, n);
        n = keys.dropNulls(rows, n);
        if (index.bounds().latestCreated() != null) {
            n = KeyColumns.drop(batch.createdNulls(), rows, n);
        }
        // hashing a long is cheaper than checking the row's time
        boolean hashFirst = keys.isOneLong();
        if (!hashFirst) {
            n = withinTimes(timestamps, rows, hashes, n, index.minEarliest(), index.maxLatest());
        }
        if (ids == null) {
            keys.hash(rows, n, hashes);
            n = filter(n);
            if (hashFirst) {
                n = withinTimes(timestamps, rows, hashes, n, index.minEarliest(), index.maxLatest());
            }
            n = slots.find(keys, rows, hashes, n, recordOffsets);
        } else {
            n = find(ids, n);
        }
        n = slots.locate(recordOffsets, rows, n, timestamps, batch.created(), bestOffsets);
        compete(batch, slots, n);
    }

    static int range(int from, int size, int[] rows) {
        for (int i = 0; i < size; i++) {
            rows[i] = from + i;
        }
        return size;
    }

    /// Keeps those of the first `n` rows whose timestamp is between `min` and `max`, with their hashes. Returns how
    /// many it kept. Uses `&` because `&&` would branch on data.
    @SuppressWarnings("ShortCircuitBoolean")
    static int withinTimes(long[] timestamps, int[] rows, long[] hashes, int n, long min, long max) {
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            rows[kept] = row;
            hashes[kept] = hashes[i];
            kept += timestamps[row] >= min & timestamps[row] <= max ? 1 : 0;
        }
        return kept;
    }

    /// Like [WinnerSlots#find], by the ids of the rows' keys.
    private int find(int[] ids, int n) {
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            int record = recordOfId[ids[row]];
            rows[kept] = row;
            recordOffsets[kept] = record;
            kept += record >= 0 ? 1 : 0;
        }
        return kept;
    }

    private int filter(int n) {
        if (!filterPays && chunks++ % FILTER_TRIAL_INTERVAL != 0) {
            return n;
        }
        int kept = index.filter().keep(rows, hashes, n);
        filterPays = kept < n * MAX_PASSING_SHARE;
        return kept;
    }

    /// Orders the rows by stripe, with a counting sort, and lets each stripe's rows compete under its lock.
    private void compete(FeatureBatch batch, WinnerSlots slots, int n) {
        Object[] stripes = join.stripes();
        int perStripe = slots.words() / stripes.length + 1;
        Arrays.fill(stripeEnds, 0);
        for (int i = 0; i < n; i++) {
            stripeEnds[bestOffsets[i] / perStripe]++;
        }
        int end = 0;
        for (int stripe = 0; stripe < stripeEnds.length; stripe++) {
            end += stripeEnds[stripe];
            stripeEnds[stripe] = end;
        }
        for (int i = n - 1; i >= 0; i--) {
            order[--stripeEnds[bestOffsets[i] / perStripe]] = i;
        }
        for (int stripe = 0; stripe < stripes.length; stripe++) {
            int first = stripeEnds[stripe];
            int last = stripeEnds[stripe + 1];
            if (first < last) {
                synchronized (stripes[stripe]) {
                    slots.compete(order, first, last, bestOffsets, rows, batch);
                }
            }
        }
    }
}
