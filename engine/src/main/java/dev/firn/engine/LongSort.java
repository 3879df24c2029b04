package dev.firn.engine;

/// Sorts ints by longs with a stable radix sort, least significant byte first. Skips the bytes that are the same in all
/// keys, which are most bytes of addresses and times. Linear time; scratch space as large as the input.
final class LongSort {
    private static final int INSERTION_LIMIT = 48;

    private LongSort() {}

    /// Sorts `payload[from..to)` by `keys[payload[i]]`, signed.
    static void byKey(long[] keys, int[] payload, int from, int to) {
        if (to - from <= INSERTION_LIMIT) {
            insertion(keys, payload, from, to);
            return;
        }
        int n = to - from;
        long[] sorted = new long[n];
        for (int i = 0; i < n; i++) {
            sorted[i] = keys[payload[from + i]];
        }
        pairs(sorted, payload, from);
    }

    private static void insertion(long[] keys, int[] payload, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            int moved = payload[i];
            long key = keys[moved];
            int at = i;
            for (; at > from && keys[payload[at - 1]] > key; at--) {
                payload[at] = payload[at - 1];
            }
            payload[at] = moved;
        }
    }

    /// Sorts `keys`, signed, and moves `payload`, from `from` on, along with them.
    static void pairs(long[] keys, int[] payload, int from) {
        int n = keys.length;
        long ones = 0;
        long zeros = 0;
        for (long key : keys) {
            ones |= key;
            zeros |= ~key;
        }
        long differing = ones & zeros;
        long[] source = keys;
        long[] target = new long[n];
        int[] ints = new int[n];
        int[] otherInts = new int[n];
        System.arraycopy(payload, from, ints, 0, n);
        for (int bit = 0; bit < Long.SIZE; bit += Byte.SIZE) {
            if ((differing >>> bit & 0xFF) != 0) {
                scatter(source, ints, target, otherInts, bit);
                long[] longs = source;
                source = target;
                target = longs;
                int[] swapped = ints;
                ints = otherInts;
                otherInts = swapped;
            }
        }
        if (source != keys) {
            System.arraycopy(source, 0, keys, 0, n);
        }
        System.arraycopy(ints, 0, payload, from, n);
    }

    private static void scatter(long[] source, int[] ints, long[] target, int[] otherInts, int bit) {
        int flip = bit == Long.SIZE - Byte.SIZE ? 0x80 : 0;
        int[] next = new int[257];
        for (long key : source) {
            next[((int) (key >>> bit & 0xFF) ^ flip) + 1]++;
        }
        for (int i = 1; i < next.length; i++) {
            next[i] += next[i - 1];
        }
        for (int i = 0; i < source.length; i++) {
            int at = next[(int) (source[i] >>> bit & 0xFF) ^ flip]++;
            target[at] = source[i];
            otherInts[at] = ints[i];
        }
    }
}
