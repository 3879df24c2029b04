package dev.firn.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// 64-bit hashes of key values. Equal keys have equal hashes. Different keys may collide, so callers compare keys too.
final class KeyHash {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private KeyHash() {}

    /// Spreads every input bit over all output bits: a bijection in the style of Stafford's finalizers.
    static long mix(long value) {
        long x = (value ^ (value >>> 32)) * 0x9E3779B97F4A7C15L;
        x = (x ^ (x >>> 29)) * 0xBF58476D1CE4E5B9L;
        return x ^ (x >>> 32);
    }

    static long of(byte[] data, int from, int length) {
        long hash = length;
        int at = from;
        int end = from + length;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            hash = mix(hash ^ (long) LONGS.get(data, at));
        }
        long tail = 0;
        for (; at < end; at++) {
            tail = tail << 8 | (data[at] & 0xFF);
        }
        return mix(hash ^ tail);
    }
}
