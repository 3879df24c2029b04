package dev.firn.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/// The key columns of some rows, opened up for loops over arrays.
///
/// A key's encoded form is its columns one after the other: a long as 8 bytes, bytes as their length in 4 bytes and
/// then themselves. Two keys are equal exactly if their encoded forms are: no column can lend a byte to its
/// neighbour.
final class KeyColumns {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Column[] columns;

    private KeyColumns(Column[] columns) {
        this.columns = columns;
    }

    /// Throws [IllegalArgumentException] for columns that are neither long nor bytes (in a dictionary or not).
    static KeyColumns of(List<Column> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("a join needs a key");
        }
        for (int i = 0; i < keys.size(); i++) {
            Class<?> kind = kindOf(keys.get(i));
            if (kind != LongColumn.class && kind != BytesColumn.class) {
                throw new IllegalArgumentException(
                        "key %d is a %s: keys are LongColumn or BytesColumn".formatted(i, kind.getSimpleName()));
            }
        }
        return new KeyColumns(keys.toArray(Column[]::new));
    }

    /// The kinds of the columns, in order; a dictionary's rows are bytes.
    List<Class<?>> kinds() {
        return Arrays.stream(columns).<Class<?>>map(KeyColumns::kindOf).toList();
    }

    private static Class<?> kindOf(Column column) {
        return column instanceof DictionaryColumn ? BytesColumn.class : column.getClass();
    }

    boolean isOneLong() {
        return columns.length == 1 && columns[0] instanceof LongColumn;
    }

    /// The values if [#isOneLong].
    long[] longs() {
        return ((LongColumn) columns[0]).values();
    }

    /// Keeps those of the first `n` of `rows` that have no null in any key; returns how many.
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

    /// Folds one column into the hashes.
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
        } else if (column instanceof DictionaryColumn of) {
            long[] ofValues = of.dictionaryHashes();
            int[] ids = of.ids();
            for (int i = 0; i < n; i++) {
                hashes[i] = KeyHash.mix(hashes[i] ^ ofValues[ids[rows[i]]]);
            }
        }
    }

    /// The one column, as a key of its own.
    KeyColumns only(int ordinal) {
        return new KeyColumns(new Column[] {columns[ordinal]});
    }

    long encodedLength(int row) {
        long length = 0;
        for (Column column : columns) {
            length += column instanceof LongColumn
                    ? Long.BYTES
                    : Integer.BYTES + bytesOf(column).length(placeOf(column, row));
        }
        return length;
    }

    /// Where a row's bytes are to be found: [#placeOf] this.
    private static BytesColumn bytesOf(Column column) {
        return column instanceof DictionaryColumn of ? of.dictionary() : (BytesColumn) column;
    }

    private static int placeOf(Column column, int row) {
        return column instanceof DictionaryColumn of ? of.ids()[row] : row;
    }

    void encode(int row, byte[] target, int from) {
        int at = from;
        for (Column column : columns) {
            if (column instanceof LongColumn longs) {
                LONGS.set(target, at, longs.values()[row]);
                at += Long.BYTES;
            } else {
                BytesColumn bytes = bytesOf(column);
                int place = placeOf(column, row);
                int length = bytes.length(place);
                INTS.set(target, at, length);
                at += Integer.BYTES;
                System.arraycopy(bytes.data(), bytes.offsets()[place], target, at, length);
                at += length;
            }
        }
    }

    /// Whether the encoded key at `from` is this row's.
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
                int start = bytes.offsets()[placeOf(column, row)];
                int length = bytes.offsets()[placeOf(column, row) + 1] - start;
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

    /// Where the encoded key's column `ordinal` begins.
    private static int skipTo(int ordinal, List<Class<?>> kinds, byte[] encoded, int from) {
        int at = from;
        for (int i = 0; i < ordinal; i++) {
            at += kinds.get(i) == LongColumn.class ? Long.BYTES : Integer.BYTES + (int) INTS.get(encoded, at);
        }
        return at;
    }

    /// Column `ordinal` of the encoded keys that begin at the first `n` of `starts`.
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
