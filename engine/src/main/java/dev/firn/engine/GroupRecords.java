package dev.firn.engine;

import java.util.Arrays;

/// One record per group of spine rows, all of them in one array of longs, and the lookup from a key to its record.
///
/// ## Layout
/// A group of `n` slots is one record:
///
/// ```text
///  0     1                2            2 + n                     2 + n * boundWords
/// +-----+----------------+------------+-------------------------+----------------------+
/// | key | first slot | n | latest [n] | latestCreated [n]       | best [n * bestWords] |
/// |     | high 32    low |            | if created times filter |                      |
/// +-----+----------------+------------+-------------------------+----------------------+
///
/// best, no created column:    | timestamp | address |
/// best, with created column:  | timestamp | address | created | 1 if created is not null |
/// ```
///
/// The key is the first long of the group's [KeyTable] entry, and word 1 is the second. Slot `i` of the record is slot
/// `first slot + i` of the spine, whose row [SpineIndex#rowOfSlot] tells. The bounds are sorted. The address's sign bit
/// marks a tie on (timestamp, created). [RowAddress#NONE] is an empty slot: all its bits are set, which no address has,
/// tied or not.
///
/// ## Buckets
/// A hash's highest bits are its bucket. The records of a bucket are adjacent, in any order: bucket `b` is
/// `words[bucketStarts[b]]` to `words[bucketStarts[b + 1]]`, exclusive, and a record's length follows from its `n`.
/// There are one to two buckets per group, so a bucket mostly has no record, one or two.
///
/// ## Example
/// A spine of three rows with one long key, no created column (so a slot is 1 + 2 words): row 0 is key 7 at 10:00, row
/// 1 is key 9 at 11:00, row 2 is key 7 at 08:00. With key 7 in an earlier bucket than key 9:
///
/// ```text
/// words[0..1]    7, 0 << 32 | 2       key 7, slots 0 and 1
/// words[2..3]    08:00, 10:00         latest of slot 0 (row 2) and of slot 1 (row 0)
/// words[4..5]    MIN_VALUE, NONE      best of slot 0
/// words[6..7]    MIN_VALUE, NONE      best of slot 1
/// words[8..9]    9, 2 << 32 | 1       key 9, slot 2
/// words[10]      11:00                latest of slot 2 (row 1)
/// words[11..12]  MIN_VALUE, NONE      best of slot 2
/// ```
///
/// A feature row of key 7 at 09:00 finds the record at 0. The first `latest` that is not before 09:00 is that of slot
/// 1, so it competes for `words[6..7]`.
///
/// ## Why this way
/// The join is bound by cache misses, and this costs one per feature row: the group's record, one or two cache lines
/// for the usual short group. The buckets' starts are small and mostly cached.
///
/// ## Ownership
/// `words` and `bucketStarts` belong to this object. Keys, slots and bounds are written by the constructor only and are
/// safe to read from any thread once the object is published. The bests are written by [WinnerSlots] under its rules.
final class GroupRecords {
    static final int HEADER_WORDS = 2;

    private static final int MIN_BUCKETS = 64;
    /// How far [#touch] reads ahead: less than a cache line. `words` has as many spare words at its end.
    private static final int TOUCH_WORDS = 6;

    private final KeyTable table;
    private final long[] words;
    private final int end;
    private final int[] bucketStarts;
    private final int shift;
    private final int boundWords;
    private final int bestWords;
    private final int slotWords;
    /// Never read: written so that the loads of [#touch] are not optimised away.
    @SuppressWarnings("UnusedVariable")
    private long touched;

    GroupRecords(SpineIndex index, boolean filtersCreated, boolean hasCreated) {
        this.table = index.table();
        this.boundWords = filtersCreated ? 2 : 1;
        this.bestWords = hasCreated ? 4 : 2;
        this.slotWords = boundWords + bestWords;
        long length = (long) index.rowOfSlot().length * slotWords + (long) index.groups() * HEADER_WORDS;
        if (length > BytesColumn.MAX_BYTES) {
            throw new IllegalArgumentException("a spine of %d rows is too large: slice it".formatted(index.rows()));
        }
        this.end = (int) length;
        this.words = new long[end + TOUCH_WORDS];
        int count = Math.max(MIN_BUCKETS, Integer.highestOneBit(Math.max(1, index.groups() - 1)) << 1);
        this.shift = Long.SIZE - Integer.numberOfTrailingZeros(count);
        this.bucketStarts = new int[count + 1];
        layOut(index);
    }

    /// A counting sort by bucket: counts each bucket's words, sums them up to starts, and writes every record.
    private void layOut(SpineIndex index) {
        long[] entries = table.entries();
        for (int e = 0; e < entries.length; e += 2) {
            if (entries[e + 1] != 0) {
                bucketStarts[bucketOf(entries[e]) + 1] += recordWords((int) entries[e + 1]);
            }
        }
        for (int bucket = 1; bucket < bucketStarts.length; bucket++) {
            bucketStarts[bucket] += bucketStarts[bucket - 1];
        }
        int[] next = Arrays.copyOf(bucketStarts, bucketStarts.length - 1);
        for (int e = 0; e < entries.length; e += 2) {
            if (entries[e + 1] != 0) {
                int bucket = bucketOf(entries[e]);
                writeEmpty(index, entries[e], entries[e + 1], next[bucket]);
                next[bucket] += recordWords((int) entries[e + 1]);
            }
        }
    }

    private int bucketOf(long key) {
        return (int) (table.hashOf(key) >>> shift);
    }

    private void writeEmpty(SpineIndex index, long key, long slots, int record) {
        int firstSlot = (int) (slots >>> 32);
        int length = (int) slots;
        words[record] = key;
        words[record + 1] = slots;
        int bounds = record + HEADER_WORDS;
        int bests = bounds + boundWords * length;
        long[] latestCreated = index.bounds().latestCreated();
        for (int i = 0; i < length; i++) {
            int row = index.rowOfSlot()[firstSlot + i];
            words[bounds + i] = index.bounds().latest()[row];
            if (latestCreated != null) {
                words[bounds + length + i] = latestCreated[row];
            }
            words[bests + i * bestWords] = Long.MIN_VALUE;
            words[bests + i * bestWords + 1] = RowAddress.NONE;
        }
    }

    long[] words() {
        return words;
    }

    /// Words of all records: the exclusive end of the last one.
    int end() {
        return end;
    }

    /// Words of the bounds of one slot.
    int boundWords() {
        return boundWords;
    }

    /// Words of the best of one slot.
    int bestWords() {
        return bestWords;
    }

    /// Words of a record of `length` slots.
    int recordWords(int length) {
        return HEADER_WORDS + length * slotWords;
    }

    long retainedBytes() {
        return (long) words.length * Long.BYTES + (long) bucketStarts.length * Integer.BYTES;
    }

    /// Keeps those of the first `n` of `rows` whose key has a record, with their hashes, and puts the offsets of the
    /// records into `records`. Returns how many it kept.
    int find(KeyColumns keys, int[] rows, long[] hashes, int n, int[] records) {
        int kept = keepOccupied(rows, hashes, n, records);
        touched = touch(records, kept);
        return keys.isOneLong()
                ? findLongs(keys.longs(), rows, hashes, kept, records)
                : findEncoded(keys, rows, hashes, kept, records);
    }

    /// Drops the rows whose bucket is empty and puts the starts of the other buckets into `records`.
    private int keepOccupied(int[] rows, long[] hashes, int n, int[] records) {
        int[] starts = bucketStarts;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int bucket = (int) (hashes[i] >>> shift);
            int start = starts[bucket];
            rows[kept] = rows[i];
            hashes[kept] = hashes[i];
            records[kept] = start;
            kept += start < starts[bucket + 1] ? 1 : 0;
        }
        return kept;
    }

    /// Loads what the next loops read. They branch on it, and a mispredicted branch that waits for memory throws away
    /// the loads behind it. So the misses come first, here, in a loop without branches.
    private long touch(int[] records, int n) {
        long[] array = words;
        long all = 0;
        for (int i = 0; i < n; i++) {
            all += array[records[i]] ^ array[records[i] + TOUCH_WORDS];
        }
        return all;
    }

    /// A key is mostly the first or the second of its bucket, which cannot be predicted: both are compared without a
    /// branch. The second may be in the next bucket, but no key is in two buckets, so it cannot match there.
    @SuppressWarnings("ShortCircuitBoolean")
    private int findLongs(long[] keys, int[] rows, long[] hashes, int n, int[] records) {
        long[] array = words;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            long key = keys[row];
            int first = records[i];
            int second = Math.min(first + HEADER_WORDS + (int) array[first + 1] * slotWords, end);
            int record = array[first] == key ? first : second;
            boolean found = array[record] == key & record < end;
            if (!found) {
                int limit = bucketStarts[(int) (hashes[i] >>> shift) + 1];
                while (record < limit && array[record] != key) {
                    record += HEADER_WORDS + (int) array[record + 1] * slotWords;
                }
                found = record < limit;
            }
            rows[kept] = row;
            records[kept] = record;
            kept += found ? 1 : 0;
        }
        return kept;
    }

    private int findEncoded(KeyColumns keys, int[] rows, long[] hashes, int n, int[] records) {
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            int record = records[i];
            int limit = bucketStarts[(int) (hashes[i] >>> shift) + 1];
            while (record < limit && !table.isKey(words[record], keys, row, hashes[i])) {
                record += HEADER_WORDS + (int) words[record + 1] * slotWords;
            }
            rows[kept] = row;
            records[kept] = record;
            kept += record < limit ? 1 : 0;
        }
        return kept;
    }
}
