package dev.firn.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// 64-bit hashes of key values. Equal keys have equal hashes. Different keys may collide, so callers compare keys too.
///
/// Hashes are also written to files of a cache, which name the version of their layout: a change here is
/// another version.
public final class KeyHash {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private KeyHash() {}

    /// The hashes of the rows `from` to `to`, exclusive, of a column as a key of its own. Integers and booleans have
    /// the hash of the long that stands for them in a join; those of null rows are unspecified. Throws
    /// [IllegalArgumentException] for a column that cannot be a key.
    public static long[] of(Column key, int from, int to) {
        long[] hashes = new long[to - from];
        switch (key) {
            case LongColumn longs -> {
                for (int i = from; i < to; i++) {
                    hashes[i - from] = mix(longs.values()[i]);
                }
            }
            case IntColumn ints -> {
                for (int i = from; i < to; i++) {
                    hashes[i - from] = mix(ints.values()[i]);
                }
            }
            case BooleanColumn booleans -> {
                for (int i = from; i < to; i++) {
                    hashes[i - from] = mix(booleans.values()[i] ? 1 : 0);
                }
            }
            case BytesColumn bytes -> {
                for (int i = from; i < to; i++) {
                    hashes[i - from] = of(bytes.data(), bytes.offsets()[i], bytes.length(i));
                }
            }
            case DictionaryColumn strings -> {
                long[] ofDictionary = strings.dictionaryHashes();
                for (int i = from; i < to; i++) {
                    hashes[i - from] = strings.isNull(i) ? 0 : ofDictionary[strings.ids()[i]];
                }
            }
            case FloatColumn _, DoubleColumn _, ObjectColumn _ ->
                throw new IllegalArgumentException(
                        "a key held as " + key.getClass().getSimpleName());
        }
        return hashes;
    }

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
