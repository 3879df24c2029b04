package dev.firn.lake.scan;

/// A Bloom filter over hashes: about 16 bits per member, with two bits set in one word, so that a lookup costs one
/// memory access and has about one false positive in 60. Not thread-safe while it is filled.
final class HashFilter {
    private static final int BITS_PER_MEMBER = 16;
    private static final long MAX_WORDS = 1 << 30;

    private final long[] words;

    HashFilter(long members) {
        words = new long[words(members)];
    }

    /// The memory of a filter with `members` members.
    static long bytes(long members) {
        return (long) words(members) * Long.BYTES;
    }

    private static int words(long members) {
        long words = Math.max(1, members * BITS_PER_MEMBER / Long.SIZE);
        return (int) Math.min(MAX_WORDS, Long.highestOneBit(2 * words - 1));
    }

    private static long bits(long hash) {
        return (1L << (hash >>> 52)) | (1L << (hash >>> 58));
    }

    void add(long hash) {
        words[(int) hash & (words.length - 1)] |= bits(hash);
    }

    /// Keeps those of the first `count` rows whose hash may be in the filter; returns how many remain.
    int keep(long[] hashes, int[] rows, int count) {
        long[] set = words;
        int mask = set.length - 1;
        int kept = 0;
        for (int i = 0; i < count; i++) {
            int row = rows[i];
            long bits = bits(hashes[row]);
            rows[kept] = row;
            kept += (set[(int) hashes[row] & mask] & bits) == bits ? 1 : 0;
        }
        return kept;
    }

    /// The numbers of all rows, as the input of [#keep].
    static int[] allRows(int size) {
        int[] rows = new int[size];
        for (int i = 0; i < size; i++) {
            rows[i] = i;
        }
        return rows;
    }
}
