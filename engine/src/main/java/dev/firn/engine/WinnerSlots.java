package dev.firn.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// The slots of [PointInTimeJoin]: which slot a feature row belongs to, which row is the best of a slot, and at the
/// end which row wins. The slots are stored in [GroupRecords], which draws their layout.
///
/// *Invariant:* a slot's best is the greatest, by (timestamp, created, address), of the rows that have competed for
/// it. It only ever grows, so the order of the rows does not matter.
///
/// Threads share the slots:
/// - [#find] and the bounds read what never changes.
/// - [#locate] reads the best timestamps without a lock, with opaque loads. A stale one is too low: it lets a row
///   pass that loses later, and never drops one that would win.
/// - [#compete] reads and writes bests under the lock of their stripe, which the caller holds. It writes timestamps
///   with opaque stores for the sake of `locate`.
/// - [#settle] runs alone, after every thread's last write.
final class WinnerSlots {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long TIED = Long.MIN_VALUE;

    private final GroupRecords records;
    private final long[] words;
    private final boolean filtersCreated;
    private final boolean hasCreated;
    private final int bestWords;

    WinnerSlots(SpineIndex index, boolean hasCreated) {
        this.filtersCreated = index.bounds().latestCreated() != null;
        this.hasCreated = hasCreated;
        this.records = new GroupRecords(index, filtersCreated, hasCreated);
        this.words = records.words();
        this.bestWords = records.bestWords();
    }

    boolean hasCreated() {
        return hasCreated;
    }

    /// Offsets of bests are below this.
    int words() {
        return records.end();
    }

    long retainedBytes() {
        return records.retainedBytes();
    }

    /// See [GroupRecords#find].
    int find(KeyColumns keys, int[] rows, long[] hashes, int n, int[] recordOffsets) {
        return records.find(keys, rows, hashes, n, recordOffsets);
    }

    /// Finds the slot of each of the first `n` rows, given its group's record: the first slot at which the row is
    /// visible. Keeps the rows that have a slot and are not older than its best, with the offsets of the bests;
    /// returns how many.
    int locate(
            int[] recordOffsets, int[] rows, int n, long[] timestamps, long @Nullable [] created, int[] bestOffsets) {
        return filtersCreated && created != null
                ? locateByBoth(recordOffsets, rows, n, timestamps, created, bestOffsets)
                : locateByTimestamp(recordOffsets, rows, n, timestamps, bestOffsets);
    }

    @SuppressWarnings("ShortCircuitBoolean") // no branch that depends on data
    private int locateByTimestamp(int[] recordOffsets, int[] rows, int n, long[] timestamps, int[] bestOffsets) {
        long[] array = words;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            int length = (int) array[recordOffsets[i] + 1];
            int bounds = recordOffsets[i] + GroupRecords.HEADER_WORDS;
            long timestamp = timestamps[row];
            int slot = firstAtLeast(array, bounds, length, timestamp);
            // a row without a slot reads the last best, so that the load needs no branch; it is dropped below
            int best = bounds + length + Math.min(slot, length - 1) * bestWords;
            rows[kept] = row;
            bestOffsets[kept] = best;
            kept += slot < length & timestamp >= (long) WORDS.getOpaque(array, best) ? 1 : 0;
        }
        return kept;
    }

    @SuppressWarnings("ShortCircuitBoolean") // no branch that depends on data
    private int locateByBoth(
            int[] recordOffsets, int[] rows, int n, long[] timestamps, long[] created, int[] bestOffsets) {
        long[] array = words;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            int length = (int) array[recordOffsets[i] + 1];
            int bounds = recordOffsets[i] + GroupRecords.HEADER_WORDS;
            long timestamp = timestamps[row];
            int slot = Math.max(
                    firstAtLeast(array, bounds, length, timestamp),
                    firstAtLeast(array, bounds + length, length, created[row]));
            int best = bounds + 2 * length + Math.min(slot, length - 1) * bestWords;
            rows[kept] = row;
            bestOffsets[kept] = best;
            kept += slot < length & timestamp >= (long) WORDS.getOpaque(array, best) ? 1 : 0;
        }
        return kept;
    }

    /// The index of the first of `length` sorted words from `start` that is at least `value`; `length` if there is
    /// none. Up to three words are all compared, since a branch on their number would be mispredicted as well.
    @SuppressWarnings("ShortCircuitBoolean")
    private static int firstAtLeast(long[] array, int start, int length, long value) {
        if (length <= 3) {
            return (array[start] < value ? 1 : 0)
                    + (length > 1 & array[start + 1] < value ? 1 : 0)
                    + (length > 2 & array[start + 2] < value ? 1 : 0);
        }
        int from = start;
        int remaining = length;
        while (remaining > 1) {
            int half = remaining >>> 1;
            from += array[from + half - 1] < value ? half : 0;
            remaining -= half;
        }
        return from - start + (array[from] < value ? 1 : 0);
    }

    /// Lets the rows `order[from..to)` compete for their slots. The caller holds the lock of these slots.
    void compete(int[] order, int from, int to, int[] bestOffsets, int[] rows, FeatureBatch batch) {
        long[] timestamps = batch.timestamps();
        long[] created = batch.created();
        if (!hasCreated || created == null) {
            for (int i = from; i < to; i++) {
                int row = rows[order[i]];
                compete(words, bestOffsets[order[i]], timestamps[row], batch.address(row));
            }
            return;
        }
        Nulls nulls = batch.createdNulls();
        for (int i = from; i < to; i++) {
            int row = rows[order[i]];
            boolean present = !nulls.isNull(row);
            compete(
                    words,
                    bestOffsets[order[i]],
                    timestamps[row],
                    batch.address(row),
                    present ? created[row] : 0,
                    present ? 1 : 0);
        }
    }

    private static void compete(long[] words, int best, long timestamp, long address) {
        long bestTimestamp = words[best];
        long bestAddress = words[best + 1];
        if (bestAddress == RowAddress.NONE || timestamp > bestTimestamp) {
            WORDS.setOpaque(words, best, timestamp);
            words[best + 1] = address;
        } else if (timestamp == bestTimestamp) {
            words[best + 1] = tied(bestAddress, address);
        }
    }

    /// `createdPresent` is 1 or 0: a null sorts below every created time.
    private static void compete(
            long[] words, int best, long timestamp, long address, long created, long createdPresent) {
        long bestTimestamp = words[best];
        long bestAddress = words[best + 1];
        int order = bestAddress == RowAddress.NONE ? 1 : Long.compare(timestamp, bestTimestamp);
        if (order == 0) {
            order = Long.compare(createdPresent, words[best + 3]);
        }
        if (order == 0) {
            order = Long.compare(created, words[best + 2]);
        }
        if (order > 0) {
            WORDS.setOpaque(words, best, timestamp);
            words[best + 1] = address;
            words[best + 2] = created;
            words[best + 3] = createdPresent;
        } else if (order == 0) {
            words[best + 1] = tied(bestAddress, address);
        }
    }

    /// The greater address, marked as tied.
    private static long tied(long bestAddress, long address) {
        return Math.max(bestAddress & ~TIED, address & ~TIED) | TIED;
    }

    /// Runs the maximum along every group, so that a slot holds the best of all rows that are visible at it, and
    /// gives it to the slot's spine row if it is within the TTL.
    void settle(SpineIndex index, Winners winners) {
        int end = records.end();
        for (int record = 0; record < end; record += records.recordWords((int) words[record + 1])) {
            int length = (int) words[record + 1];
            int firstBest = record + GroupRecords.HEADER_WORDS + records.boundWords() * length;
            settle(index, (int) (words[record + 1] >>> 32), length, firstBest, winners);
        }
    }

    private void settle(SpineIndex index, int firstSlot, int length, int firstBest, Winners winners) {
        long[] earliest = index.bounds().earliest();
        int best = firstBest;
        for (int i = 0; i < length; i++, best += bestWords) {
            if (i > 0 && words[best - bestWords + 1] != RowAddress.NONE) {
                carry(best - bestWords, best);
            }
            int row = index.rowOfSlot()[firstSlot + i];
            long address = words[best + 1];
            if (address != RowAddress.NONE && words[best] >= earliest[row]) {
                winners.set(row, address & ~TIED, words[best], address < 0);
                if (hasCreated && words[best + 3] != 0) {
                    winners.setCreated(row, words[best + 2]);
                }
            }
        }
    }

    private void carry(int from, int to) {
        if (hasCreated) {
            compete(words, to, words[from], words[from + 1], words[from + 2], words[from + 3]);
        } else {
            compete(words, to, words[from], words[from + 1]);
        }
    }
}
