package dev.firn.engine;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// The point-in-time join of one spine with one feature view: for every spine row the address of its winning
/// feature row.
///
/// ## How
/// The spine is grouped by key and each group sorted by time ([SpineIndex]); the feature rows stream past once, in
/// any order, keys and times only. A feature row belongs to one **slot** of its group: the first spine time at
/// which it is visible, by its timestamp and, when created times filter, by its created time as well (the later of
/// the two slots). A slot keeps the best row that it was given, by (ts, created, address), and whether (ts,
/// created) was tied.
///
/// At the end a **running maximum** by the same order goes along each group. It must be that, and not "the last
/// slot that has one": when created times filter, a row that became visible late can be older than one that was
/// visible before.
///
/// *Invariant:* after it, slot `i` holds the best of the rows given to slots `0..i`, and those are exactly the rows
/// that are visible at spine time `i`. The maximum of a union is the maximum of the parts' maxima, and of two equal
/// (ts, created) both parts' ties; so neither the order, the batches nor the threads matter. The TTL is tested last
/// and on the winner only: it has the greatest ts, so if it is too old, all are.
///
/// ## Cost
/// O(rows · log group) time, no sort of the big side. Memory is O(spine), whatever the table's size and the number
/// of threads: 24 bytes per spine row (40 with a created column, 48 when it filters) and 20 to 24 per distinct key
/// beside the index, 16 per row of [Winners], and about 80 KiB per probe.
///
/// ## Why this way
/// What bounds it is cache and TLB misses, not instructions. So a row goes through short loops over 2,048 rows,
/// each with one kind of miss and no dependency from row to row, so that the misses overlap: a bit filter by hash,
/// the bucket of the key, the group's record. Key, times and best rows of a group lie side by side in that record (see
/// [WinnerSlots]): a hash table apart from the slots would be a second miss for each row. Rows are dropped by
/// counting up or not counting up, without a branch that depends on data. Strings that a file keeps in a dictionary
/// come as such ([DictionaryColumn]): each distinct word is hashed once.
///
/// Several probes share the slots. A row that is older than the best of its slot is dropped without a lock: a best
/// only grows, a stale one merely lets a loser through. The others are grouped by stripes, ranges of slots with a
/// lock each, so that a chunk takes each lock at most once and a thread's slots stay near each other; private slots
/// per thread would cost their number times the spine, a lock or compare-and-set per row a full fence each, which
/// ends the overlap.
public final class PointInTimeJoin {
    private static final int STRIPES = 64;

    private final SpineIndex index;
    private final Object[] stripes = new Object[STRIPES];
    private final LongAdder rowsProbed = new LongAdder();
    private volatile @Nullable WinnerSlots slots;
    private boolean finished;

    public PointInTimeJoin(SpineIndex index) {
        this.index = index;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Object();
        }
        if (index.bounds().latestCreated() != null) {
            slots = new WinnerSlots(index, true);
        }
    }

    /// A way in for one thread; any number of probes may be at work at once.
    public Probe probe() {
        return new ChunkedProbe(index, this);
    }

    /// Call once, after every probe's last `accept` has returned (and its thread was joined, or handed over
    /// otherwise).
    public Winners finish() {
        if (finished) {
            throw new IllegalStateException("the join is finished");
        }
        finished = true;
        Winners winners = new Winners(index.rows(), rowsProbed.sum());
        WinnerSlots settled = slots;
        if (settled != null) {
            settled.settle(index, winners);
            slots = null;
        }
        return winners;
    }

    /// Bytes held by this join at most, those of the index and the probes not counted.
    public long retainedBytes() {
        WinnerSlots laid = slots;
        return laid == null ? 0 : laid.retainedBytes();
    }

    /// Bytes that a join of so many spine rows holds at most, index, bounds and winners not counted.
    public static long bytesFor(long spineRows) {
        return spineRows * 9 * Long.BYTES;
    }

    /// The slots, laid out by the first batch: it knows whether the view has a created column. All batches must
    /// agree.
    WinnerSlots slotsFor(FeatureBatch batch) {
        boolean hasCreated = batch.created() != null;
        WinnerSlots laid = slots;
        if (laid == null) {
            synchronized (stripes) {
                laid = slots;
                if (laid == null) {
                    laid = new WinnerSlots(index, hasCreated);
                    slots = laid;
                }
            }
        }
        if (laid.hasCreated() != hasCreated) {
            throw new IllegalArgumentException(
                    hasCreated
                            ? "a batch has created times, those before it had none"
                            : "a batch has no created times, and they filter or those before it had them");
        }
        return laid;
    }

    void count(long rows) {
        rowsProbed.add(rows);
    }

    Object[] stripes() {
        return stripes;
    }

    /// Feature rows come in by this; not thread-safe: one per thread.
    public interface Probe {
        /// Throws [IllegalArgumentException] if the keys' kinds are not the spine's, or created times are missing.
        void accept(FeatureBatch batch);
    }
}
