package dev.firn.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The slots of all groups, in one array. A group of `n` slots is a record
///
/// ```text
/// key  first slot << 32 | n  latest[n]  latestCreated[n] if created times filter  best[n]
/// ```
///
/// and a best is `ts, address`, or `ts, address, created, 1 if created is not null` where the view has a created
/// column. The key is a [KeyTable]'s. The records of the keys whose hashes begin with the same bits, their bucket, lie
/// one after the other, and a small table tells where each bucket begins. So the one far place that a feature row
/// touches is its group's record; for the usual short group that is one cache line or two.
///
/// The address's sign bit says that (ts, created) was tied; [RowAddress#NONE] is an empty slot and no address, tied or
/// not, looks like it.
final class WinnerSlots {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long TIED = Long.MIN_VALUE;
    private static final int HEAD_WORDS = 2;
    private static final int LEAST_BUCKETS = 64;
    /// Less than a cache line.
    private static final int TOUCH_WORDS = 6;

    private final KeyTable table;
    private final long[] words;
    private final int end;
    private final int[] buckets;
    private final int shift;
    private final boolean filtersCreated;
    private final boolean hasCreated;
    /// Words per slot: of bounds, of the best, of both.
    private final int boundWords;
    private final int bestWords;
    private final int width;
    /// Written so that the loads are not optimised away; means nothing.
    @SuppressWarnings("UnusedVariable")
    private long touched;

    WinnerSlots(SpineIndex index, boolean hasCreated) {
        this.table = index.table();
        this.filtersCreated = index.bounds().latestCreated() != null;
        this.hasCreated = hasCreated;
        this.boundWords = filtersCreated ? 2 : 1;
        this.bestWords = hasCreated ? 4 : 2;
        this.width = boundWords + bestWords;
        long length = (long) index.rowOfSlot().length * width + (long) index.groups() * HEAD_WORDS;
        if (length > BytesColumn.MAX_BYTES) {
            throw new IllegalArgumentException("a spine of %d rows is too large: slice it".formatted(index.rows()));
        }
        this.end = (int) length;
        this.words = new long[end + TOUCH_WORDS];
        int count = Math.max(LEAST_BUCKETS, Integer.highestOneBit(Math.max(1, index.groups() - 1)) << 1);
        this.shift = Long.SIZE - Integer.numberOfTrailingZeros(count);
        this.buckets = new int[count + 1];
        lay(index);
    }

    /// Counts each bucket's words, gives it its place, and puts every group's record where it belongs.
    private void lay(SpineIndex index) {
        long[] entries = table.entries();
        for (int at = 0; at < entries.length; at += 2) {
            if (entries[at + 1] != 0) {
                buckets[bucketOf(entries[at]) + 1] += recordWords((int) entries[at + 1]);
            }
        }
        for (int bucket = 1; bucket < buckets.length; bucket++) {
            buckets[bucket] += buckets[bucket - 1];
        }
        int[] next = Arrays.copyOf(buckets, buckets.length - 1);
        for (int at = 0; at < entries.length; at += 2) {
            if (entries[at + 1] != 0) {
                int bucket = bucketOf(entries[at]);
                lay(index, entries[at], entries[at + 1], next[bucket]);
                next[bucket] += recordWords((int) entries[at + 1]);
            }
        }
    }

    private int bucketOf(long key) {
        return (int) (table.hashOf(key) >>> shift);
    }

    private int recordWords(int length) {
        return HEAD_WORDS + length * width;
    }

    private void lay(SpineIndex index, long key, long group, int at) {
        int start = (int) (group >>> 32);
        int length = (int) group;
        words[at] = key;
        words[at + 1] = group;
        int base = at + HEAD_WORDS;
        int best = base + boundWords * length;
        long[] latestCreated = index.bounds().latestCreated();
        for (int i = 0; i < length; i++) {
            int row = index.rowOfSlot()[start + i];
            words[base + i] = index.bounds().latest()[row];
            if (latestCreated != null) {
                words[base + length + i] = latestCreated[row];
            }
            words[best + i * bestWords] = Long.MIN_VALUE;
            words[best + i * bestWords + 1] = RowAddress.NONE;
        }
    }

    boolean hasCreated() {
        return hasCreated;
    }

    int words() {
        return end;
    }

    long retainedBytes() {
        return (long) words.length * Long.BYTES + (long) buckets.length * Integer.BYTES;
    }

    /// Keeps those of the first `n` of `rows` whose key is here, with the places of their groups' records; returns how
    /// many.
    int find(KeyColumns keys, int[] rows, long[] hashes, int n, int[] groups) {
        int kept = occupied(rows, hashes, n, groups);
        touched = touch(groups, kept);
        return keys.isOneLong()
                ? findLongs(keys.longs(), rows, hashes, kept, groups)
                : findEncoded(keys, rows, hashes, kept, groups);
    }

    /// Drops the rows whose bucket is empty, and gives the others its beginning.
    private int occupied(int[] rows, long[] hashes, int n, int[] groups) {
        int[] starts = buckets;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int bucket = (int) (hashes[i] >>> shift);
            int start = starts[bucket];
            rows[kept] = rows[i];
            hashes[kept] = hashes[i];
            groups[kept] = start;
            kept += start < starts[bucket + 1] ? 1 : 0;
        }
        return kept;
    }

    /// Loads what the next loops will look at. Those branch on it; a branch that waits for memory and then turns out
    /// to be mispredicted throws away the loads behind it, so here the misses come first, without any branch.
    private long touch(int[] groups, int n) {
        long[] array = words;
        long all = 0;
        for (int i = 0; i < n; i++) {
            all += array[groups[i]] ^ array[groups[i] + TOUCH_WORDS];
        }
        return all;
    }

    /// A key is mostly the first or the second of its bucket, and which of them cannot be predicted: both are looked
    /// at without a branch. No key equals one of another bucket, so looking too far finds nothing wrong.
    @SuppressWarnings("ShortCircuitBoolean")
    private int findLongs(long[] keys, int[] rows, long[] hashes, int n, int[] groups) {
        long[] array = words;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            long key = keys[row];
            int first = groups[i];
            int second = Math.min(first + HEAD_WORDS + (int) array[first + 1] * width, end);
            int at = array[first] == key ? first : second;
            boolean found = array[at] == key & at < end;
            if (!found) {
                int limit = buckets[(int) (hashes[i] >>> shift) + 1];
                while (at < limit && array[at] != key) {
                    at += HEAD_WORDS + (int) array[at + 1] * width;
                }
                found = at < limit;
            }
            rows[kept] = row;
            groups[kept] = at;
            kept += found ? 1 : 0;
        }
        return kept;
    }

    private int findEncoded(KeyColumns keys, int[] rows, long[] hashes, int n, int[] groups) {
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            int at = groups[i];
            int limit = buckets[(int) (hashes[i] >>> shift) + 1];
            while (at < limit && !table.isKey(words[at], keys, row, hashes[i])) {
                at += HEAD_WORDS + (int) words[at + 1] * width;
            }
            rows[kept] = row;
            groups[kept] = at;
            kept += at < limit ? 1 : 0;
        }
        return kept;
    }

    /// For each of the first `n` rows, whose records are `groups`, the place of the best of its slot: the first at
    /// which it is visible. Keeps the rows that have a slot and are not older than its best; returns how many.
    ///
    /// The best is read here without a lock. It only ever grows, so a stale one lets a row pass that will lose
    /// later.
    int locate(int[] groups, int[] rows, int n, long[] timestamps, long @Nullable [] created, int[] places) {
        return filtersCreated && created != null
                ? locateLater(groups, rows, n, timestamps, created, places)
                : locateVisible(groups, rows, n, timestamps, places);
    }

    @SuppressWarnings("ShortCircuitBoolean") // no branch that depends on data
    private int locateVisible(int[] groups, int[] rows, int n, long[] timestamps, int[] places) {
        long[] array = words;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            int length = (int) array[groups[i] + 1];
            int base = groups[i] + HEAD_WORDS;
            long timestamp = timestamps[row];
            int slot = firstAtLeast(array, base, length, timestamp);
            // where there is no slot, a word of the record stands in for the best that is not asked for
            int place = base + length + Math.min(slot, length - 1) * bestWords;
            rows[kept] = row;
            places[kept] = place;
            kept += slot < length & timestamp >= (long) WORDS.getOpaque(array, place) ? 1 : 0;
        }
        return kept;
    }

    @SuppressWarnings("ShortCircuitBoolean") // no branch that depends on data
    private int locateLater(int[] groups, int[] rows, int n, long[] timestamps, long[] created, int[] places) {
        long[] array = words;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            int length = (int) array[groups[i] + 1];
            int base = groups[i] + HEAD_WORDS;
            long timestamp = timestamps[row];
            int slot = Math.max(
                    firstAtLeast(array, base, length, timestamp),
                    firstAtLeast(array, base + length, length, created[row]));
            int place = base + 2 * length + Math.min(slot, length - 1) * bestWords;
            rows[kept] = row;
            places[kept] = place;
            kept += slot < length & timestamp >= (long) WORDS.getOpaque(array, place) ? 1 : 0;
        }
        return kept;
    }

    /// The first of `length` sorted words from `base` that is at least `value`, counted from `base`. Of few words
    /// all are compared: how many there are cannot be predicted either.
    @SuppressWarnings("ShortCircuitBoolean")
    private static int firstAtLeast(long[] array, int base, int length, long value) {
        if (length <= 3) {
            return (array[base] < value ? 1 : 0)
                    + (length > 1 & array[base + 1] < value ? 1 : 0)
                    + (length > 2 & array[base + 2] < value ? 1 : 0);
        }
        int from = base;
        int left = length;
        while (left > 1) {
            int half = left >>> 1;
            from += array[from + half - 1] < value ? half : 0;
            left -= half;
        }
        return from - base + (array[from] < value ? 1 : 0);
    }

    /// Lets the rows `order[from..to)` compete for their places. Callers hold the lock of these places.
    void compete(int[] order, int from, int to, int[] places, int[] rows, FeatureBatch batch) {
        long[] timestamps = batch.timestamps();
        long[] created = batch.created();
        if (!hasCreated || created == null) {
            for (int i = from; i < to; i++) {
                int row = rows[order[i]];
                compete(words, places[order[i]], timestamps[row], batch.address(row));
            }
            return;
        }
        Nulls nulls = batch.createdNulls();
        for (int i = from; i < to; i++) {
            int row = rows[order[i]];
            boolean known = !nulls.isNull(row);
            compete(
                    words,
                    places[order[i]],
                    timestamps[row],
                    batch.address(row),
                    known ? created[row] : 0,
                    known ? 1 : 0);
        }
    }

    private static void compete(long[] words, int place, long timestamp, long address) {
        long best = words[place];
        long held = words[place + 1];
        if (held == RowAddress.NONE || timestamp > best) {
            WORDS.setOpaque(words, place, timestamp);
            words[place + 1] = address;
        } else if (timestamp == best) {
            words[place + 1] = tie(held, address);
        }
    }

    private static void compete(long[] words, int place, long timestamp, long address, long created, long known) {
        long best = words[place];
        long held = words[place + 1];
        int order = held == RowAddress.NONE ? 1 : Long.compare(timestamp, best);
        if (order == 0) {
            order = Long.compare(known, words[place + 3]);
        }
        if (order == 0) {
            order = Long.compare(created, words[place + 2]);
        }
        if (order > 0) {
            WORDS.setOpaque(words, place, timestamp);
            words[place + 1] = address;
            words[place + 2] = created;
            words[place + 3] = known;
        } else if (order == 0) {
            words[place + 1] = tie(held, address);
        }
    }

    private static long tie(long held, long address) {
        return Math.max(held & ~TIED, address & ~TIED) | TIED;
    }

    /// Carries the best along every group, so that a slot holds the best of all that is visible at it, and hands each
    /// spine row its slot's, if that lies within the TTL.
    void settle(SpineIndex index, Winners winners) {
        for (int at = 0; at < end; at += recordWords((int) words[at + 1])) {
            int length = (int) words[at + 1];
            settle(index, (int) (words[at + 1] >>> 32), length, at + HEAD_WORDS + boundWords * length, winners);
        }
    }

    private void settle(SpineIndex index, int start, int length, int firstBest, Winners winners) {
        long[] earliest = index.bounds().earliest();
        int place = firstBest;
        for (int i = 0; i < length; i++, place += bestWords) {
            if (i > 0 && words[place - bestWords + 1] != RowAddress.NONE) {
                carry(place - bestWords, place);
            }
            int row = index.rowOfSlot()[start + i];
            long address = words[place + 1];
            if (address != RowAddress.NONE && words[place] >= earliest[row]) {
                winners.set(row, address & ~TIED, words[place], address < 0);
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
