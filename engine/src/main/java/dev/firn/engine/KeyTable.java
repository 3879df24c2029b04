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
        return oneLong
                ? entries[at] == keys.longs()[row]
                : ((entries[at] ^ hash) & HIGH_HALF) == 0 && keys.matches(row, arena, (int) entries[at]);
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
                long hash = oneLong ? KeyHash.mix(old[from]) : old[from];
                int at = (int) (hash >>> shift) << 1;
                while (entries[at + 1] != 0) {
                    at = (at + 2) & mask;
                }
                entries[at] = old[from];
                entries[at + 1] = old[from + 1];
            }
        }
    }

    /// Keeps those of the first `n` of `rows` whose key is here, with what it stands for; returns how many.
    int find(KeyColumns keys, int[] rows, long[] hashes, int n, long[] found) {
        return oneLong
                ? findLongs(entries, shift, keys.longs(), rows, hashes, n, found)
                : findEncoded(keys, rows, hashes, n, found);
    }

    private static int findLongs(
            long[] entries, int shift, long[] keys, int[] rows, long[] hashes, int n, long[] found) {
        int mask = entries.length - 1;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            long key = keys[row];
            int at = (int) (hashes[i] >>> shift) << 1;
            long value = entries[at + 1];
            while (value != 0 && entries[at] != key) {
                at = (at + 2) & mask;
                value = entries[at + 1];
            }
            rows[kept] = row;
            found[kept] = value;
            kept += value == 0 ? 0 : 1;
        }
        return kept;
    }

    private int findEncoded(KeyColumns keys, int[] rows, long[] hashes, int n, long[] found) {
        int mask = entries.length - 1;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            int row = rows[i];
            int at = (int) (hashes[i] >>> shift) << 1;
            long value = entries[at + 1];
            while (value != 0 && !isAt(at, keys, row, hashes[i])) {
                at = (at + 2) & mask;
                value = entries[at + 1];
            }
            rows[kept] = row;
            found[kept] = value;
            kept += value == 0 ? 0 : 1;
        }
        return kept;
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
