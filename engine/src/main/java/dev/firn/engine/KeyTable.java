package dev.firn.engine;

import java.util.Arrays;
import java.util.List;

/// Keys to numbers, by open addressing with linear probing over one array of longs.
///
/// An entry is two longs side by side. The second is what the key stands for, never 0: a 0 there means that the
/// entry is free, so that no key is special. The first is the key itself if keys are one long column; otherwise the
/// high half of the hash and the place of the encoded key in an arena, where it is compared exactly. The entry to
/// start at is given by the hash's highest bits: walking the table walks the keys in the order of their hashes.
///
/// At most two thirds of the entries are taken. Not thread-safe while it grows.
final class KeyTable {
    private static final long HIGH_HALF = -1L << 32;
    private static final int LEAST_CAPACITY = 64;
    private static final int MOST_LONGS = 1 << 29;

    private final List<Class<?>> kinds;
    private final boolean oneLong;
    private long[] entries = new long[2 * LEAST_CAPACITY];
    private int shift = Long.SIZE - Integer.numberOfTrailingZeros(LEAST_CAPACITY);
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

    /// Pairs of longs; the second of a pair is 0 where it is free. The owner may replace what keys stand for.
    long[] entries() {
        return entries;
    }

    long retainedBytes() {
        return (long) entries.length * Long.BYTES + arena.length;
    }

    /// What the key stands for; a new key stands for its number, counted from 1.
    long intern(KeyColumns keys, int row, long hash) {
        if (3L * size >= entries.length) {
            grow();
        }
        int mask = entries.length - 1;
        for (int at = (int) (hash >>> shift) << 1; ; at = (at + 2) & mask) {
            if (entries[at + 1] == 0) {
                entries[at] = oneLong ? keys.longs()[row] : store(keys, row, hash);
                entries[at + 1] = ++size;
                return size;
            }
            if (isAt(at, keys, row, hash)) {
                return entries[at + 1];
            }
        }
    }

    private boolean isAt(int at, KeyColumns keys, int row, long hash) {
        return isKey(entries[at], keys, row, hash);
    }

    /// Whether an entry's first long stands for this row's key.
    boolean isKey(long key, KeyColumns keys, int row, long hash) {
        return oneLong
                ? key == keys.longs()[row]
                : ((key ^ hash) & HIGH_HALF) == 0 && keys.matches(row, arena, (int) key);
    }

    /// The hash of an entry's first long, of which the high half counts.
    long hashOf(long key) {
        return oneLong ? KeyHash.mix(key) : key;
    }

    private long store(KeyColumns keys, int row, long hash) {
        long end = arenaEnd + keys.encodedLength(row);
        if (end > BytesColumn.MAX_BYTES) {
            throw new IllegalStateException(
                    "%d keys take more than %d bytes: slice them".formatted(size, BytesColumn.MAX_BYTES));
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
        if (entries.length >= MOST_LONGS) {
            throw new IllegalStateException("more than %d keys: slice them".formatted(size));
        }
        long[] old = entries;
        entries = new long[old.length * 2];
        shift--;
        int mask = entries.length - 1;
        for (int from = 0; from < old.length; from += 2) {
            if (old[from + 1] != 0) {
                long hash = hashOf(old[from]);
                int at = (int) (hash >>> shift) << 1;
                while (entries[at + 1] != 0) {
                    at = (at + 2) & mask;
                }
                entries[at] = old[from];
                entries[at + 1] = old[from + 1];
            }
        }
    }

    boolean contains(KeyColumns keys, int row, long hash) {
        int mask = entries.length - 1;
        int at = (int) (hash >>> shift) << 1;
        while (entries[at + 1] != 0 && !isAt(at, keys, row, hash)) {
            at = (at + 2) & mask;
        }
        return entries[at + 1] != 0;
    }

    /// Every key's value in key column `ordinal`, in the order of their hashes.
    Column column(int ordinal) {
        int[] starts = new int[size];
        long[] longs = new long[oneLong ? size : 0];
        int n = 0;
        for (int at = 0; at < entries.length; at += 2) {
            if (entries[at + 1] != 0) {
                starts[n] = (int) entries[at];
                if (oneLong) {
                    longs[n] = entries[at];
                }
                n++;
            }
        }
        return oneLong ? new LongColumn(longs, n, Nulls.NONE) : KeyColumns.decode(ordinal, kinds, arena, starts, n);
    }
}
