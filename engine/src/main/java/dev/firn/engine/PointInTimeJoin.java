package dev.firn.engine;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// The point-in-time join of one spine with one feature view: for every spine row, the address of its winning feature
/// row.
///
/// ## How
/// The spine is grouped by key, and each group is sorted by time ([SpineIndex]). The feature rows stream past once, in
/// any order, with keys and times only. A feature row belongs to one **slot** of its group: the first spine time at
/// which the row is visible. Its timestamp decides that; if created times filter, its created time does too, and the
/// later slot counts. A slot keeps the best of its rows, by (timestamp, created, address), and remembers whether
/// (timestamp, created) was tied.
///
/// At the end, a **running maximum** in the same order passes along each group. "The last slot that has a row" would be
/// wrong: if created times filter, a row that became visible late can be older than one that was visible before.
///
/// *Invariant:* after that pass, slot `i` holds the best of the rows of slots `0..i`, which are exactly the rows that
/// are visible at spine time `i`. The maximum of a union is the maximum of the parts' maxima, and ties combine the same
/// way. So the order of the rows, the batches and the threads do not matter. The TTL is checked last, and only on the
/// winner: it has the greatest timestamp, so if it is too old, all rows are.
///
/// ## Cost
/// O(rows · log group) time; the large side is not sorted. Memory is O(spine) for any size of the table and any number
/// of threads. Besides the index, it is 24 bytes per spine row (40 with a created column, 48 if it filters), 20 to 24
/// bytes per distinct key, 16 bytes per row of [Winners], and about 80 KiB per probe.
///
/// ## Why this way
/// Cache and TLB misses bound this join, not instructions. So rows go through short loops over chunks of 2,048. Each
/// loop has one kind of miss and no dependency between rows, so the misses overlap: first the bit filter by hash, then
/// the bucket of the key, then the group's record. That record holds a group's key, times and best rows side by side
/// (see [GroupRecords]). A hash table apart from the slots would cost every row a second miss. Rows are dropped by not
/// advancing a counter, without a branch that depends on data. Strings that a file stores in a dictionary stay in it
/// ([DictionaryColumn]), so each distinct string is hashed once.
///
/// All probes share the slots. A row that is older than the best of its slot is dropped without a lock: a best only
/// grows, so a stale one merely lets a loser through. The other rows are grouped by stripe, which is a range of slots
/// with one lock. So a chunk takes each lock at most once, and consecutive writes are near each other. The alternatives
/// cost more: private slots per thread multiply the memory by the threads, and a lock or compare-and-set per row is a
/// full fence, which ends the overlap of misses.
public final class PointInTimeJoin {
    private static final int STRIPES = 64;

    private final SpineIndex index;
    private final boolean keepsCreated;
    private final Object[] stripes = new Object[STRIPES];
    private final LongAdder rowsProbed = new LongAdder();
    private volatile @Nullable WinnerSlots slots;
    private boolean finished;

    public PointInTimeJoin(SpineIndex index) {
        this(index, false);
    }

    private PointInTimeJoin(SpineIndex index, boolean keepsCreated) {
        this.index = index;
        this.keepsCreated = keepsCreated;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Object();
        }
        if (index.bounds().latestCreated() != null) {
            slots = new WinnerSlots(index, true);
        }
    }

    /// A join whose winners also know their created times, for 9 bytes more per spine row.
    public static PointInTimeJoin keepingCreated(SpineIndex index) {
        return new PointInTimeJoin(index, true);
    }

    /// A probe for one thread. Any number of probes may run at once.
    public Probe probe() {
        return new ChunkedProbe(index, this);
    }

    /// Returns the winners. Call it once, after the last `accept` of every probe has returned and happens-before this
    /// call, for example because its thread was joined.
    public Winners finish() {
        if (finished) {
            throw new IllegalStateException("the join is already finished");
        }
        finished = true;
        Winners winners = new Winners(index.rows(), rowsProbed.sum(), keepsCreated);
        WinnerSlots filled = slots;
        if (filled != null) {
            filled.settle(index, winners);
            slots = null;
        }
        return winners;
    }

    /// Bytes held by this join, without the index and the probes.
    public long retainedBytes() {
        WinnerSlots current = slots;
        return current == null ? 0 : current.retainedBytes();
    }

    /// The most bytes that a join of `spineRows` rows holds, without index, bounds and winners.
    public static long bytesFor(long spineRows) {
        return spineRows * 9 * Long.BYTES;
    }

    /// The slots. The first batch creates them, because it tells whether the view has a created column. All batches
    /// must agree on that.
    WinnerSlots slotsFor(FeatureBatch batch) {
        boolean hasCreated = batch.created() != null;
        WinnerSlots current = slots;
        if (current == null) {
            synchronized (stripes) {
                current = slots;
                if (current == null) {
                    current = new WinnerSlots(index, hasCreated);
                    slots = current;
                }
            }
        }
        if (current.hasCreated() != hasCreated) {
            throw new IllegalArgumentException(
                    hasCreated
                            ? "a batch has created times, but earlier batches had none"
                            : "a batch has no created times, but they filter or earlier batches had them");
        }
        return current;
    }

    void count(long rows) {
        rowsProbed.add(rows);
    }

    Object[] stripes() {
        return stripes;
    }

    /// Takes the feature rows. Not thread-safe: use one per thread.
    public interface Probe {
        /// Throws [IllegalArgumentException] if the key columns' types differ from the spine's or created times are
        /// missing.
        void accept(FeatureBatch batch);
    }
}
