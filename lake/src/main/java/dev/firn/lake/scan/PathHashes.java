package dev.firn.lake.scan;

import java.util.Arrays;

/// A set of paths, kept as 64-bit hashes in an open hash table that is at most half full. Different paths
/// collide once in about 40 million sets of a million paths: whoever must be exact looks again at the paths
/// of a known hash. Not thread-safe while it grows.
final class PathHashes {
    /// Per path, while the table grows by copying.
    static final long MAX_BYTES_PER_PATH = 6 * Long.BYTES;

    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    /// 0 is a free slot.
    private long[] slots = new long[1 << 8];

    private int size;

    /// The hash of a path, whatever its scheme; never 0.
    static long hash(String path) {
        long hash = 0;
        for (int i = ScanPlanner.afterScheme(path); i < path.length(); i++) {
            hash = (hash ^ path.charAt(i)) * MULTIPLIER;
            hash ^= hash >>> 32;
        }
        return hash == 0 ? 1 : hash;
    }

    /// False if the hash is known already.
    boolean add(long hash) {
        if (2 * (size + 1) > slots.length) {
            long[] before = slots;
            slots = new long[2 * before.length];
            Arrays.stream(before).filter(known -> known != 0).forEach(known -> slots[slot(known)] = known);
        }
        int slot = slot(hash);
        if (slots[slot] == hash) {
            return false;
        }
        slots[slot] = hash;
        size++;
        return true;
    }

    boolean contains(long hash) {
        return slots[slot(hash)] == hash;
    }

    int size() {
        return size;
    }

    private int slot(long hash) {
        int mask = slots.length - 1;
        int slot = (int) (hash >>> 32) & mask;
        while (slots[slot] != 0 && slots[slot] != hash) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }
}
