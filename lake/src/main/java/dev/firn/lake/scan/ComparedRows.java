package dev.firn.lake.scan;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.BytesColumn;
import dev.firn.engine.Column;
import dev.firn.engine.DictionaryColumn;
import dev.firn.engine.DoubleColumn;
import dev.firn.engine.FloatColumn;
import dev.firn.engine.IntColumn;
import dev.firn.engine.LongColumn;
import dev.firn.engine.Nulls;
import dev.firn.engine.ObjectColumn;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Rows in the form in which equality deletes compare them: each column as 64-bit words or byte strings, and a hash per
/// row. Equal rows have equal hashes, whatever the width of their columns. As in Iceberg, null equals null, NaN equals
/// NaN and -0.0 differs from 0.0.
final class ComparedRows {
    static final long NULL_HASH = 0x9E3779B97F4A7C15L;
    private static final long MULTIPLIER = 0xD6E8FEB86659FD93L;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final List<Values> columns;
    private final long[] hashes;

    /// One column of the rows.
    sealed interface Values {
        Nulls nulls();
    }

    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    record Words(long[] values, Nulls nulls) implements Values {}

    record Strings(BytesColumn values) implements Values {
        @Override
        public Nulls nulls() {
            return values.nulls();
        }
    }

    private ComparedRows(List<Values> columns, long[] hashes) {
        this.columns = columns;
        this.hashes = hashes;
    }

    /// Shares the columns' arrays if possible.
    static ComparedRows of(List<Column> columns, int size) {
        List<Values> values = new ArrayList<>(columns.size());
        long[] hashes = new long[size];
        for (Column column : columns) {
            Values of = valuesOf(column, size);
            addHashes(of, size, hashes);
            values.add(of);
        }
        return new ComparedRows(values, hashes);
    }

    /// The hashes of the values of one column.
    static long[] hashes(Values values, int size) {
        long[] hashes = new long[size];
        addHashes(values, size, hashes);
        return hashes;
    }

    List<Values> columns() {
        return columns;
    }

    long[] hashes() {
        return hashes;
    }

    int size() {
        return hashes.length;
    }

    static Values valuesOf(Column column, int size) {
        if (column instanceof BytesColumn bytes) {
            return new Strings(bytes);
        }
        if (column instanceof DictionaryColumn strings) {
            return new Strings(strings.expanded());
        }
        if (column instanceof LongColumn longs) {
            return new Words(longs.values(), longs.nulls());
        }
        long[] words = new long[size];
        switch (column) {
            case IntColumn of -> {
                for (int i = 0; i < size; i++) {
                    words[i] = of.values()[i];
                }
            }
            case BooleanColumn of -> {
                for (int i = 0; i < size; i++) {
                    words[i] = of.values()[i] ? 1 : 0;
                }
            }
            case FloatColumn of -> {
                for (int i = 0; i < size; i++) {
                    words[i] = Float.floatToIntBits(of.values()[i]);
                }
            }
            case DoubleColumn of -> {
                for (int i = 0; i < size; i++) {
                    words[i] = Double.doubleToLongBits(of.values()[i]);
                }
            }
            case LongColumn _, BytesColumn _, DictionaryColumn _, ObjectColumn _ ->
                throw new IllegalStateException("cannot convert to words: " + column.getClass());
        }
        return new Words(words, column.nulls());
    }

    /// The hash of a row with a single word.
    static long hashOf(long word) {
        return combined(0, mixed(word));
    }

    private static void addHashes(Values column, int size, long[] hashes) {
        switch (column) {
            case Words words
            when words.nulls().any() -> {
                for (int i = 0; i < size; i++) {
                    hashes[i] = combined(hashes[i], words.nulls().isNull(i) ? NULL_HASH : mixed(words.values()[i]));
                }
            }
            case Words words -> {
                long[] values = words.values();
                for (int i = 0; i < size; i++) {
                    hashes[i] = combined(hashes[i], mixed(values[i]));
                }
            }
            case Strings strings -> {
                byte[] data = strings.values().data();
                int[] offsets = strings.values().offsets();
                Nulls nulls = strings.nulls();
                for (int i = 0; i < size; i++) {
                    hashes[i] =
                            combined(hashes[i], nulls.isNull(i) ? NULL_HASH : hashOf(data, offsets[i], offsets[i + 1]));
                }
            }
        }
    }

    static long combined(long hash, long next) {
        return mixed(hash * 31 + next);
    }

    static long mixed(long value) {
        long mixed = (value ^ (value >>> 32)) * MULTIPLIER;
        return mixed ^ (mixed >>> 32);
    }

    static long hashOf(byte[] bytes, int from, int to) {
        long hash = (long) to - from;
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            hash = mixed(hash * 31 + (long) LONGS.get(bytes, at));
        }
        for (; at < to; at++) {
            hash = hash * 31 + bytes[at];
        }
        return mixed(hash);
    }
}
