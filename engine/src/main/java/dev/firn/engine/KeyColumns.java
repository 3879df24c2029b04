package dev.firn.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/// The key columns of a batch, for loops over arrays.
///
/// A key is encoded as its columns in order: a long as 8 bytes, bytes as a 4-byte length followed by the bytes. Two
/// keys are equal if and only if their encoded forms are, because the lengths keep bytes from moving to the next
/// column: `("1", "23")` and `("12", "3")` differ.
final class KeyColumns {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Column[] columns;

    private KeyColumns(Column[] columns) {
        this.columns = columns;
    }

    /// Without columns, all rows have one and the same key. Throws [IllegalArgumentException] unless all columns
    /// are longs or bytes, dictionary-encoded or not.
    static KeyColumns of(List<Column> keys) {
        for (int i = 0; i < keys.size(); i++) {
            Class<?> kind = kindOf(keys.get(i));
            if (kind != LongColumn.class && kind != BytesColumn.class) {
                throw new IllegalArgumentException(
                        "key %d is a %s, expected LongColumn or BytesColumn".formatted(i, kind.getSimpleName()));
            }
        }
        return new KeyColumns(keys.toArray(Column[]::new));
    }

    /// The types of the columns, in order. A dictionary column counts as bytes.
    List<Class<?>> kinds() {
        return Arrays.stream(columns).<Class<?>>map(KeyColumns::kindOf).toList();
    }

    static List<String> names(List<Class<?>> kinds) {
        return kinds.stream().map(Class::getSimpleName).toList();
    }

    private static Class<?> kindOf(Column column) {
        return column instanceof DictionaryColumn ? BytesColumn.class : column.getClass();
    }

    boolean isOneLong() {
        return columns.length == 1 && columns[0] instanceof LongColumn;
    }

    /// The values of the only column; call only if [#isOneLong].
    long[] longs() {
        return ((LongColumn) columns[0]).values();
    }

    /// Keeps those of the first `n` of `rows` that have no null key; returns how many it kept.
    int dropNulls(int[] rows, int n) {
        int kept = n;
        for (Column column : columns) {
            kept = drop(column.nulls(), rows, kept);
        }
        return kept;
    }

    static int drop(Nulls nulls, int[] rows, int n) {
        if (!nulls.any()) {
            return n;
        }
        int kept = 0;
        for (int i = 0; i < n; i++) {
            rows[kept] = rows[i];
            kept += nulls.isNull(rows[i]) ? 0 : 1;
        }
        return kept;
    }

    /// Hashes the keys of the first `n` of `rows`.
    void hash(int[] rows, int n, long[] hashes) {
        Arrays.fill(hashes, 0, n, 0L);
        for (Column column : columns) {
            hash(column, rows, n, hashes);
        }
    }

    /// Mixes one column into the hashes.
    private static void hash(Column column, int[] rows, int n, long[] hashes) {
        if (column instanceof LongColumn longs) {
            long[] values = longs.values();
            for (int i = 0; i < n; i++) {
                hashes[i] = KeyHash.mix(hashes[i] ^ values[rows[i]]);
            }
        } else if (column instanceof BytesColumn bytes) {
            byte[] data = bytes.data();
            int[] offsets = bytes.offsets();
            for (int i = 0; i < n; i++) {
                int row = rows[i];
                hashes[i] = KeyHash.mix(hashes[i] ^ KeyHash.of(data, offsets[row], offsets[row + 1] - offsets[row]));
            }
        } else if (column instanceof DictionaryColumn encoded) {
            long[] dictionaryHashes = encoded.dictionaryHashes();
            int[] ids = encoded.ids();
            for (int i = 0; i < n; i++) {
                hashes[i] = KeyHash.mix(hashes[i] ^ dictionaryHashes[ids[rows[i]]]);
            }
        }
    }

    /// One column as a key of its own.
    KeyColumns only(int ordinal) {
        return new KeyColumns(new Column[] {columns[ordinal]});
    }

    long encodedLength(int row) {
        long length = 0;
        for (Column column : columns) {
            length += column instanceof LongColumn
                    ? Long.BYTES
                    : Integer.BYTES + bytesOf(column).length(rowOf(column, row));
        }
        return length;
    }

    /// The column that holds a row's bytes, at [#rowOf].
    private static BytesColumn bytesOf(Column column) {
        return column instanceof DictionaryColumn encoded ? encoded.dictionary() : (BytesColumn) column;
    }

    private static int rowOf(Column column, int row) {
        return column instanceof DictionaryColumn encoded ? encoded.ids()[row] : row;
    }

    void encode(int row, byte[] target, int from) {
        int at = from;
        for (Column column : columns) {
            if (column instanceof LongColumn longs) {
                LONGS.set(target, at, longs.values()[row]);
                at += Long.BYTES;
            } else {
                BytesColumn bytes = bytesOf(column);
                int source = rowOf(column, row);
                int length = bytes.length(source);
                INTS.set(target, at, length);
                at += Integer.BYTES;
                System.arraycopy(bytes.data(), bytes.offsets()[source], target, at, length);
                at += length;
            }
        }
    }

    /// Whether the encoded key at `from` equals this row's key.
    boolean matches(int row, byte[] encoded, int from) {
        int at = from;
        for (Column column : columns) {
            if (column instanceof LongColumn longs) {
                if ((long) LONGS.get(encoded, at) != longs.values()[row]) {
                    return false;
                }
                at += Long.BYTES;
            } else {
                BytesColumn bytes = bytesOf(column);
                int start = bytes.offsets()[rowOf(column, row)];
                int length = bytes.offsets()[rowOf(column, row) + 1] - start;
                if ((int) INTS.get(encoded, at) != length) {
                    return false;
                }
                at += Integer.BYTES;
                if (!Arrays.equals(encoded, at, at + length, bytes.data(), start, start + length)) {
                    return false;
                }
                at += length;
            }
        }
        return true;
    }

    /// The position of column `ordinal` in the encoded key at `from`.
    private static int skipTo(int ordinal, List<Class<?>> kinds, byte[] encoded, int from) {
        int at = from;
        for (int i = 0; i < ordinal; i++) {
            at += kinds.get(i) == LongColumn.class ? Long.BYTES : Integer.BYTES + (int) INTS.get(encoded, at);
        }
        return at;
    }

    /// Column `ordinal` of the encoded keys at the first `n` of `starts`.
    static Column decode(int ordinal, List<Class<?>> kinds, byte[] encoded, int[] starts, int n) {
        if (kinds.get(ordinal) == LongColumn.class) {
            long[] values = new long[n];
            for (int i = 0; i < n; i++) {
                values[i] = (long) LONGS.get(encoded, skipTo(ordinal, kinds, encoded, starts[i]));
            }
            return new LongColumn(values, n, Nulls.NONE);
        }
        BytesColumn.Builder values = new BytesColumn.Builder(n);
        for (int i = 0; i < n; i++) {
            int at = skipTo(ordinal, kinds, encoded, starts[i]);
            values.append(encoded, at + Integer.BYTES, (int) INTS.get(encoded, at));
        }
        return values.build();
    }
}
