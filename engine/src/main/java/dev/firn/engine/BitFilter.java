package dev.firn.engine;

/// A set of hashes with false positives: one bit per hash, chosen by the hash's highest bits, in an array of at least
/// 16 bits per member. About one in 16 hashes that are not in the set passes. Only the high half of a hash is used,
/// which is the half that [KeyTable#hashOf] guarantees.
final class BitFilter {
    private static final int BITS_PER_MEMBER = 16;
    private static final int MIN_LOG = 6;
    private static final int MAX_LOG = Integer.SIZE;

    private final long[] words;
    private final int shift;

    BitFilter(int members) {
        int log = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1L, (long) members * BITS_PER_MEMBER - 1));
        int bits = Math.min(MAX_LOG, Math.max(MIN_LOG, log));
        words = new long[1 << (bits - 6)];
        shift = Long.SIZE - bits;
    }

    void add(long hash) {
        long bit = hash >>> shift;
        words[(int) (bit >>> 6)] |= 1L << bit;
    }

    /// Keeps those of the first `n` rows whose hash may be in the set; returns how many it kept.
    int keep(int[] rows, long[] hashes, int n) {
        long[] set = words;
        int kept = 0;
        for (int i = 0; i < n; i++) {
            long hash = hashes[i];
            long bit = hash >>> shift;
            rows[kept] = rows[i];
            hashes[kept] = hash;
            kept += (int) (set[(int) (bit >>> 6)] >>> bit & 1);
        }
        return kept;
    }

    long retainedBytes() {
        return (long) words.length * Long.BYTES;
    }
}
