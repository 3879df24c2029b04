package dev.firn.engine;

import java.util.Arrays;
import java.util.List;

/// A hash table from keys to non-zero longs: open addressing with linear probing over one array of longs.
///
/// ## Layout
/// An entry is two longs, `entries[e]` and `entries[e + 1]` with an even `e`:
///
/// ```text
///   entries[e]                                            entries[e + 1]
/// +-----------------------------------------------------+-------------------+
/// | the key itself                one long column       | value, 0 if free  |
/// | high half of hash | position  every other key       |                   |
/// |           32 bits   32 bits                         |                   |
/// +-----------------------------------------------------+-------------------+
///                         |
///                         v
/// arena   ... | encoded key (see KeyColumns) | ...
/// ```
///
/// A free entry is marked by its value, so that every long is allowed as a key. A new key's value is its number,
/// counted from 1; the owner may replace values by other non-zero longs ([#entries]), as [SpineIndex] does.
///
/// *Invariants:*
/// - The search for a key starts at the entry given by the hash's highest bits and ends at the key or at a free entry.
///   About two thirds of the entries are taken at most, so there always is a free one.
/// - A table has at most 2^28 entries, so the start depends on the high half of the hash only. Growing therefore needs
///   no key from the arena: [#hashOf] gets the high half from the entry itself.
/// - Walking the table visits the keys nearly in the order of their hashes; probing moves some of them.
/// - A key matches if the high halves of the hashes and the encoded keys are equal. So a hash collision costs time but
///   never gives a wrong answer.
///
/// ## Example
/// The key `("ab", 5)` is encoded in 14 bytes: `02 00 00 00 61 62`, then `05 00 00 00 00 00 00 00`. Say its hash is
/// `0x9E3779B9_7F4A7C15`, it is the first key, and the table has 64 entries. The search starts at entry 39, which is
/// `hash >>> 58`, so `e` is 78. It is free: `entries[78]` becomes `0x9E3779B9_00000000` (position 0 in the arena) and
/// `entries[79]` becomes 1. The next key's position is 14.
///
/// ## Why this way
/// An entry takes 16 bytes, without objects or boxes, and a search mostly touches one cache line. Comparing 32 bits of
/// the hash first means that almost only equal keys are compared in the arena, which is a second cache miss.
///
/// ## Ownership
/// Both arrays belong to the table and are replaced when it grows. Not thread-safe while keys are added; afterwards any
/// number of threads may read it.
final class KeyTable {
    private static final long HIGH_HALF = -1L << 32;
    private static final int MIN_CAPACITY = 64;
    private static final int MAX_LONGS = 1 << 29;

    private final List<Class<?>> kinds;
    private final boolean oneLong;
    private long[] entries = new long[2 * MIN_CAPACITY];
    private int shift = Long.SIZE - Integer.numberOfTrailingZeros(MIN_CAPACITY);
    private int size;
    private byte[] arena = new byte[0];
    private int arenaEnd;

    KeyTable(List<Class<?>> kinds) {
        this.kinds = kinds;
        this.oneLong = kinds.size() == 1 && kinds.get(0) == LongColumn.class;
    }

    int size() {
        return size;
    }

    /// The entries, in the layout above. The owner may replace the values of taken entries.
    long[] entries() {
        return entries;
    }

    long retainedBytes() {
        return (long) entries.length * Long.BYTES + arena.length;
    }

    /// Adds the key if it is missing, and returns its value. A new key's value is the number of keys so far.
    long intern(KeyColumns keys, int row, long hash) {
        if (3L * size >= entries.length) {
            grow();
        }
        int mask = entries.length - 1;
        for (int e = (int) (hash >>> shift) << 1; ; e = (e + 2) & mask) {
            if (entries[e + 1] == 0) {
                entries[e] = oneLong ? keys.longs()[row] : store(keys, row, hash);
                entries[e + 1] = ++size;
                return size;
            }
            if (holds(e, keys, row, hash)) {
                return entries[e + 1];
            }
        }
    }

    private boolean holds(int e, KeyColumns keys, int row, long hash) {
        return isKey(entries[e], keys, row, hash);
    }

    /// Whether an entry whose first long is `key` holds this row's key.
    boolean isKey(long key, KeyColumns keys, int row, long hash) {
        return oneLong
                ? key == keys.longs()[row]
                : ((key ^ hash) & HIGH_HALF) == 0 && keys.matches(row, arena, (int) key);
    }

    /// The hash of the entry whose first long is `key`. Only the high half is defined.
    long hashOf(long key) {
        return oneLong ? KeyHash.mix(key) : key;
    }

    private long store(KeyColumns keys, int row, long hash) {
        long end = arenaEnd + keys.encodedLength(row);
        if (end > BytesColumn.MAX_BYTES) {
            throw new IllegalStateException("%d keys need more than %d bytes: use more slices or passes"
                    .formatted(size, BytesColumn.MAX_BYTES));
        }
        if (end > arena.length) {
            arena = Arrays.copyOf(arena, (int) Math.min(BytesColumn.MAX_BYTES, Math.max(end, 2L * arena.length + 256)));
        }
        int start = arenaEnd;
        keys.encode(row, arena, start);
        arenaEnd = (int) end;
        return (hash & HIGH_HALF) | start;
    }

    private void grow() {
        if (entries.length >= MAX_LONGS) {
            throw new IllegalStateException("more than %d keys: use more slices or passes".formatted(size));
        }
        long[] old = entries;
        entries = new long[old.length * 2];
        shift--;
        int mask = entries.length - 1;
        for (int from = 0; from < old.length; from += 2) {
            if (old[from + 1] != 0) {
                long hash = hashOf(old[from]);
                int e = (int) (hash >>> shift) << 1;
                while (entries[e + 1] != 0) {
                    e = (e + 2) & mask;
                }
                entries[e] = old[from];
                entries[e + 1] = old[from + 1];
            }
        }
    }

    boolean contains(KeyColumns keys, int row, long hash) {
        return find(keys, row, hash) != 0;
    }

    /// The key's value; 0 if it is missing.
    long find(KeyColumns keys, int row, long hash) {
        int mask = entries.length - 1;
        int e = (int) (hash >>> shift) << 1;
        while (entries[e + 1] != 0 && !holds(e, keys, row, hash)) {
            e = (e + 2) & mask;
        }
        return entries[e + 1];
    }

    /// Key column `ordinal` of all keys, in table order.
    Column column(int ordinal) {
        int[] starts = new int[size];
        long[] longs = new long[oneLong ? size : 0];
        int n = 0;
        for (int e = 0; e < entries.length; e += 2) {
            if (entries[e + 1] != 0) {
                starts[n] = (int) entries[e];
                if (oneLong) {
                    longs[n] = entries[e];
                }
                n++;
            }
        }
        return oneLong ? new LongColumn(longs, n, Nulls.NONE) : KeyColumns.decode(ordinal, kinds, arena, starts, n);
    }
}
