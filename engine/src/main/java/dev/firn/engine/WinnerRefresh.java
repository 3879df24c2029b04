package dev.firn.engine;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// Decides for each spine row, from its earlier winner and from what changed in the table since, whether the winner
/// stays, is replaced by a row that came, or must be looked up afresh.
///
/// Let `b` be the earlier winner, unless it is older than the TTL allows now, and `A` the best of the rows that
/// came and that the spine row may see. Winners are compared by (timestamp, created), where a null created time
/// is the lowest.
///
/// | | verdict |
/// |---|---|
/// | no `b`, or every row of its key that did not come is gone | `A` |
/// | `A > b` | `A` |
/// | `A = b`, and `b` is gone, not possibly gone and was not tied | `A` |
/// | `A < b` or no `A`, and `b` is neither gone nor possibly gone, nor tied while rows were moved | `b` |
/// | anything else | look up afresh |
///
/// - *Came*: rows that are live now and were not, or could not be seen. More of the live rows do no harm.
/// - *Gone*: exactly the rows that were live then and are not now, by key, timestamp and created time. A row that was
///   not tied is the only one of its values that its spine row could see, so its values identify it.
/// - *Possibly gone*: at least the keys of which other rows may be gone.
/// - *All gone*: keys whose only live rows are those that came. Nothing needs to be looked up for them.
/// - *Moved*: rows were moved to other files. That changes which of several tied rows wins.
///
/// ## How
/// The slots of a group are sorted by time, and what a slot may see only grows with it. So the earlier winners of a
/// group ascend along its slots, and those with a given timestamp are found by a binary search. A slot without a winner
/// counts as its predecessor in that search.
///
/// Probes mark rows under a lock, and any number of threads may use one each. 10 bytes per spine row.
public final class WinnerRefresh {
    private final SpineIndex index;
    private final KnownWinners known;
    private final long[] ascending;
    private final BitSet gone;
    private final BitSet goneGroups = new BitSet();
    private final BitSet emptiedGroups = new BitSet();

    /// @param known the earlier winners of the same spine
    public WinnerRefresh(SpineIndex index, KnownWinners known) {
        if (known.size() != index.rows()) {
            throw new IllegalArgumentException(
                    "got %d earlier winners for %d spine rows".formatted(known.size(), index.rows()));
        }
        this.index = index;
        this.known = known;
        this.gone = new BitSet(index.rows());
        this.ascending = new long[index.rowOfSlot().length];
        long[] entries = index.table().entries();
        for (int at = 1; at < entries.length; at += 2) {
            if (entries[at] != 0) {
                fill((int) (entries[at] >>> 32), (int) entries[at]);
            }
        }
    }

    private void fill(int start, int length) {
        long last = Long.MIN_VALUE;
        for (int slot = start; slot < start + length; slot++) {
            int row = index.rowOfSlot()[slot];
            last = known.isFound(row) ? known.timestamps().values()[row] : last;
            if (slot > start && last < ascending[slot - 1]) {
                throw new IllegalArgumentException("the earlier winners are not of this spine");
            }
            ascending[slot] = last;
        }
    }

    /// Takes the rows that are gone. For one thread.
    public PointInTimeJoin.Probe gone() {
        int[] rows = new int[ChunkedProbe.CHUNK];
        long[] hashes = new long[ChunkedProbe.CHUNK];
        return batch -> {
            KeyColumns keys = keys(batch.keys());
            for (int from = 0; from < batch.size(); from += rows.length) {
                int n = ChunkedProbe.range(from, Math.min(rows.length, batch.size() - from), rows);
                n = KeyColumns.drop(batch.timestampNulls(), rows, n);
                n = keys.dropNulls(rows, n);
                keys.hash(rows, n, hashes);
                for (int i = 0; i < n; i++) {
                    long group = index.table().find(keys, rows[i], hashes[i]);
                    if (group != 0) {
                        markGone((int) (group >>> 32), (int) group, batch, rows[i]);
                    }
                }
            }
        };
    }

    private void markGone(int start, int length, FeatureBatch batch, int row) {
        long timestamp = batch.timestamps()[row];
        int slot = firstAtLeast(start, start + length, timestamp);
        for (; slot < start + length && ascending[slot] == timestamp; slot++) {
            int spineRow = index.rowOfSlot()[slot];
            if (known.isFound(spineRow) && hasCreatedOf(spineRow, batch, row)) {
                synchronized (gone) {
                    gone.set(spineRow);
                }
            }
        }
    }

    private boolean hasCreatedOf(int spineRow, FeatureBatch batch, int row) {
        long[] created = batch.created();
        if (created == null || batch.createdNulls().isNull(row)) {
            return known.created().isNull(spineRow);
        }
        return !known.created().isNull(spineRow) && known.created().values()[spineRow] == created[row];
    }

    private int firstAtLeast(int from, int to, long timestamp) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ascending[middle] < timestamp) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// Marks the first `size` keys as those of rows that are possibly gone. Thread-safe.
    public void possiblyGone(List<Column> keyColumns, int size) {
        mark(keyColumns, size, goneGroups);
    }

    /// Marks the first `size` keys as those whose only live rows are those that came. Thread-safe.
    public void allGone(List<Column> keyColumns, int size) {
        mark(keyColumns, size, emptiedGroups);
    }

    private void mark(List<Column> keyColumns, int size, BitSet groups) {
        KeyColumns keys = keys(keyColumns);
        int[] rows = all(size);
        int n = keys.dropNulls(rows, size);
        long[] hashes = new long[n];
        keys.hash(rows, n, hashes);
        for (int i = 0; i < n; i++) {
            long group = index.table().find(keys, rows[i], hashes[i]);
            if (group != 0) {
                synchronized (gone) {
                    groups.set((int) (group >>> 32));
                }
            }
        }
    }

    private static int[] all(int size) {
        int[] rows = new int[size];
        Arrays.setAll(rows, row -> row);
        return rows;
    }

    private KeyColumns keys(List<Column> columns) {
        KeyColumns keys = KeyColumns.of(columns);
        if (!keys.kinds().equals(index.kinds())) {
            throw new IllegalArgumentException("key columns are %s, but the spine's are %s"
                    .formatted(KeyColumns.names(keys.kinds()), KeyColumns.names(index.kinds())));
        }
        return keys;
    }

    /// The verdicts. Call it after the last probe, whose writes happen-before this call.
    ///
    /// @param came the winners among the rows that came, with their created times
    /// @param moved whether rows were moved to other files
    public RefreshVerdicts decide(Winners came, boolean moved) {
        BitSet possiblyGone = rows(goneGroups);
        BitSet emptied = rows(emptiedGroups);
        byte[] verdicts = new byte[index.rows()];
        long[] earliest = index.bounds().earliest();
        for (int row = 0; row < verdicts.length; row++) {
            boolean isComing = came.address(row) != RowAddress.NONE;
            boolean isKnown = known.isFound(row)
                    && !emptied.get(row)
                    && !index.bounds().nulls().isNull(row)
                    && known.timestamps().values()[row] >= earliest[row];
            if (!isKnown) {
                verdicts[row] = isComing ? RefreshVerdicts.REPLACED : RefreshVerdicts.NOTHING;
                continue;
            }
            int order = isComing ? compare(came, row) : -1;
            boolean isTied = known.tied().values()[row];
            if (order > 0) {
                verdicts[row] = RefreshVerdicts.REPLACED;
            } else if (order == 0) {
                verdicts[row] = gone.get(row) && !possiblyGone.get(row) && !isTied
                        ? RefreshVerdicts.REPLACED
                        : RefreshVerdicts.AFRESH;
            } else {
                verdicts[row] = gone.get(row) || possiblyGone.get(row) || (isTied && moved)
                        ? RefreshVerdicts.AFRESH
                        : RefreshVerdicts.KEPT;
            }
        }
        return new RefreshVerdicts(verdicts, known, came);
    }

    private BitSet rows(BitSet groups) {
        BitSet rows = new BitSet(index.rows());
        if (!groups.isEmpty()) {
            long[] entries = index.table().entries();
            for (int at = 1; at < entries.length; at += 2) {
                int start = (int) (entries[at] >>> 32);
                if (entries[at] != 0 && groups.get(start)) {
                    for (int slot = start; slot < start + (int) entries[at]; slot++) {
                        rows.set(index.rowOfSlot()[slot]);
                    }
                }
            }
        }
        return rows;
    }

    /// The row that came against the earlier winner.
    private int compare(Winners came, int row) {
        int order = Long.compare(came.timestamp(row), known.timestamps().values()[row]);
        if (order == 0) {
            order = Boolean.compare(known.created().isNull(row), came.isCreatedNull(row));
        }
        if (order == 0 && !came.isCreatedNull(row)) {
            order = Long.compare(came.created(row), known.created().values()[row]);
        }
        return order;
    }
}
