package dev.firn.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// The slots of all groups, in one array. A group of `n` slots is
///
/// ```text
/// latest[n]  latestCreated[n] if created times filter  best[n]
/// ```
///
/// and a best is `ts, address`, or `ts, address, created, 1 if created is not null` where the view has a created
/// column. Everything that a feature row touches after the key's entry therefore lies side by side; for the usual
/// short group that is one cache line or two. The address's sign bit says that (ts, created) was tied;
/// [RowAddress#NONE] is an empty slot and no address, tied or not, looks like it.
final class Slots {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long TIED = Long.MIN_VALUE;

    private final long[] words;
    private final boolean filtersCreated;
    private final boolean hasCreated;
    /// Words per slot: of bounds, of the best, of both.
    private final int boundWords;
    private final int bestWords;
    private final int width;

    Slots(SpineIndex index, boolean hasCreated) {
        this.filtersCreated = index.bounds().latestCreated() != null;
        this.hasCreated = hasCreated;
        this.boundWords = filtersCreated ? 2 : 1;
        this.bestWords = hasCreated ? 4 : 2;
        this.width = boundWords + bestWords;
        long length = (long) index.rowOfSlot().length * width + bestWords;
        if (length > BytesColumn.MAX_BYTES) {
            throw new IllegalArgumentException("a spine of %d rows is too large: slice it".formatted(index.rows()));
        }
        this.words = new long[(int) length];
        long[] entries = index.table().entries();
        for (int at = 1; at < entries.length; at += 2) {
            if (entries[at] != 0) {
                lay(index, (int) (entries[at] >>> 32), (int) entries[at]);
            }
        }
    }

    private void lay(SpineIndex index, int start, int length) {
        int base = start * width;
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
        return words.length;
    }

    long retainedBytes() {
        return (long) words.length * Long.BYTES;
    }

    /// For each of the first `n` rows, whose groups are `found`, the place of the best of its slot: the first at
    /// which it is visible. Keeps the rows that have a slot and are not older than its best; returns how many.
    ///
    /// The best is read here without a lock. It only ever grows, so a stale one lets a row pass that will lose
    /// later.
    int locate(long[] found, int[] rows, int n, long[] timestamps, long @Nullable [] created, int[] places) {
        return filtersCreated && created != null
                ? locateLater(found, rows, n, timestamps, created, places)
                : locateVisible(found, rows, n, timestamps, places);
    }

    @SuppressWarnings("ShortCircuitBoolean") // no branch that depends on data
    private int locateVisible(long[] found, int[] rows, int n, long[] timestamps, int[] places) {
        long[] array = words;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            int length = (int) found[i];
            int base = (int) (found[i] >>> 32) * width;
            long timestamp = timestamps[row];
            int slot = firstAtLeast(array, base, length, timestamp);
            int place = base + length + slot * bestWords;
            rows[kept] = row;
            places[kept] = place;
            kept += slot < length & timestamp >= (long) WORDS.getOpaque(array, place) ? 1 : 0;
        }
        return kept;
    }

    @SuppressWarnings("ShortCircuitBoolean") // no branch that depends on data
    private int locateLater(long[] found, int[] rows, int n, long[] timestamps, long[] created, int[] places) {
        long[] array = words;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            int length = (int) found[i];
            int base = (int) (found[i] >>> 32) * width;
            long timestamp = timestamps[row];
            int slot = Math.max(
                    firstAtLeast(array, base, length, timestamp),
                    firstAtLeast(array, base + length, length, created[row]));
            int place = base + 2 * length + slot * bestWords;
            rows[kept] = row;
            places[kept] = place;
            kept += slot < length & timestamp >= (long) WORDS.getOpaque(array, place) ? 1 : 0;
        }
        return kept;
    }

    /// The first of `length` sorted words from `base` that is at least `value`, counted from `base`.
    private static int firstAtLeast(long[] array, int base, int length, long value) {
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
        long[] addresses = batch.addresses();
        long[] created = batch.created();
        if (!hasCreated || created == null) {
            for (int i = from; i < to; i++) {
                int row = rows[order[i]];
                compete(words, places[order[i]], timestamps[row], addresses[row]);
            }
            return;
        }
        Nulls nulls = batch.createdNulls();
        for (int i = from; i < to; i++) {
            int row = rows[order[i]];
            boolean known = !nulls.isNull(row);
            compete(words, places[order[i]], timestamps[row], addresses[row], known ? created[row] : 0, known ? 1 : 0);
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
        long[] entries = index.table().entries();
        for (int at = 1; at < entries.length; at += 2) {
            if (entries[at] != 0) {
                settle(index, (int) (entries[at] >>> 32), (int) entries[at], winners);
            }
        }
    }

    private void settle(SpineIndex index, int start, int length, Winners winners) {
        long[] earliest = index.bounds().earliest();
        int place = start * width + boundWords * length;
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
