package dev.firn.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The spine, grouped by key and sorted by time within each group. Immutable: any number of joins and threads may use
/// it at once.
///
/// Every row that can match has a **slot**. The slots of a group are adjacent, and groups follow the order of the key
/// table, so walking the table walks the slots in order. Rows with a null key or null bounds match nothing and have no
/// slot. Memory: 4 bytes per row; 26 to 52 bytes per distinct key, plus its encoded bytes unless the key is one long
/// column; the same again for each column of a composite key; and the bounds.
public final class SpineIndex {
    private static final int CHUNK = 2048;

    private final int rows;
    private final List<Class<?>> kinds;
    private final KeyTable table;
    private final BitFilter filter;
    private final List<KeyTable> columnTables;
    private final TimeBounds bounds;
    private final int[] rowOfSlot;
    private final long minEarliest;
    private final long maxLatest;

    private SpineIndex(KeyColumns keys, TimeBounds bounds) {
        this.rows = bounds.size();
        this.kinds = keys.kinds();
        this.bounds = bounds;
        this.table = new KeyTable(kinds);
        int[] groupOfRow = group(keys);
        this.filter = filterOfKeys();
        this.columnTables = columnTables(keys, groupOfRow);
        int[] lengths = new int[table.size() + 1];
        for (int group : groupOfRow) {
            lengths[group]++;
        }
        int rowsWithoutSlot = lengths[0];
        this.rowOfSlot = new int[rows - rowsWithoutSlot];
        scatter(groupOfRow, lengths);
        long earliest = Long.MAX_VALUE;
        long latest = Long.MIN_VALUE;
        for (int row : rowOfSlot) {
            earliest = Math.min(earliest, bounds.earliest()[row]);
            latest = Math.max(latest, bounds.latest()[row]);
        }
        this.minEarliest = earliest;
        this.maxLatest = latest;
    }

    /// Keys are [LongColumn]s or [BytesColumn]s. Throws [IllegalArgumentException] for other types, for different
    /// lengths, and for bounds whose `latestCreated` decreases while `latest` increases.
    public static SpineIndex of(List<Column> keys, TimeBounds bounds) {
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i).size() != bounds.size()) {
                throw new IllegalArgumentException("key %d has %d rows, but the bounds have %d"
                        .formatted(i, keys.get(i).size(), bounds.size()));
            }
        }
        return new SpineIndex(KeyColumns.of(keys), bounds);
    }

    /// Each row's group, numbered from 1 in order of appearance. 0 if the row matches nothing.
    private int[] group(KeyColumns keys) {
        int[] groupOfRow = new int[rows];
        int[] chunk = new int[CHUNK];
        long[] hashes = new long[CHUNK];
        for (int from = 0; from < rows; from += CHUNK) {
            int n = keepMatchable(keys, from, chunk);
            keys.hash(chunk, n, hashes);
            for (int i = 0; i < n; i++) {
                groupOfRow[chunk[i]] = (int) table.intern(keys, chunk[i], hashes[i]);
            }
        }
        return groupOfRow;
    }

    private int keepMatchable(KeyColumns keys, int from, int[] chunk) {
        int n = Math.min(CHUNK, rows - from);
        for (int i = 0; i < n; i++) {
            chunk[i] = from + i;
        }
        return keys.dropNulls(chunk, KeyColumns.drop(bounds.nulls(), chunk, n));
    }

    private BitFilter filterOfKeys() {
        BitFilter keys = new BitFilter(table.size());
        long[] entries = table.entries();
        for (int at = 0; at < entries.length; at += 2) {
            if (entries[at + 1] != 0) {
                keys.add(table.hashOf(entries[at]));
            }
        }
        return keys;
    }

    /// A table for each column of a composite key. A single key column needs none of its own.
    private List<KeyTable> columnTables(KeyColumns keys, int[] groupOfRow) {
        if (kinds.size() == 1) {
            return List.of(table);
        }
        List<KeyTable> tables = new ArrayList<>();
        int[] row = new int[1];
        long[] hash = new long[1];
        for (int c = 0; c < kinds.size(); c++) {
            KeyTable values = new KeyTable(kinds.subList(c, c + 1));
            KeyColumns column = keys.only(c);
            for (int i = 0; i < rows; i++) {
                if (groupOfRow[i] != 0) {
                    row[0] = i;
                    column.hash(row, 1, hash);
                    values.intern(column, i, hash[0]);
                }
            }
            tables.add(values);
        }
        return List.copyOf(tables);
    }

    /// Assigns slots to groups, in table order, and rows to slots, in the order of their times. Replaces the second
    /// long of each table entry, so far the group's number, with `first slot << 32 | number of slots`.
    private void scatter(int[] groupOfRow, int[] lengths) {
        int[] next = new int[lengths.length];
        long[] entries = table.entries();
        int start = 0;
        for (int at = 1; at < entries.length; at += 2) {
            int group = (int) entries[at];
            if (group != 0) {
                entries[at] = (long) start << 32 | lengths[group];
                next[group] = start;
                start += lengths[group];
            }
        }
        for (int row = 0; row < rows; row++) {
            if (groupOfRow[row] != 0) {
                rowOfSlot[next[groupOfRow[row]]++] = row;
            }
        }
        for (int at = 1; at < entries.length; at += 2) {
            if ((int) entries[at] > 1) {
                sort((int) (entries[at] >>> 32), (int) entries[at]);
            }
        }
    }

    private void sort(int start, int length) {
        long[] latestCreated = bounds.latestCreated();
        if (latestCreated != null) {
            LongSort.byKey(latestCreated, rowOfSlot, start, start + length);
        }
        LongSort.byKey(bounds.latest(), rowOfSlot, start, start + length);
        for (int slot = start + 1; latestCreated != null && slot < start + length; slot++) {
            if (latestCreated[rowOfSlot[slot]] < latestCreated[rowOfSlot[slot - 1]]) {
                throw new IllegalArgumentException(
                        "spine rows %d and %d: latestCreated decreases while latest increases"
                                .formatted(rowOfSlot[slot - 1], rowOfSlot[slot]));
            }
        }
    }

    /// All spine rows, including those that match nothing.
    public int rows() {
        return rows;
    }

    /// The number of distinct keys that can match.
    public int groups() {
        return table.size();
    }

    /// Bytes held by this index, without the bounds.
    public long retainedBytes() {
        long tables = kinds.size() == 1 ? 0 : table.retainedBytes();
        for (KeyTable column : columnTables) {
            tables += column.retainedBytes();
        }
        return tables + filter.retainedBytes() + (long) rowOfSlot.length * Integer.BYTES;
    }

    /// Whether any row that can match has this value in this key column.
    public boolean mightContain(int keyOrdinal, long value) {
        return contains(keyOrdinal, LongColumn.of(value));
    }

    /// Whether any row that can match has these bytes in this key column.
    public boolean mightContain(int keyOrdinal, byte[] data, int from, int length) {
        return contains(keyOrdinal, new BytesColumn(data, new int[] {from, from + length}, 1, Nulls.NONE));
    }

    private boolean contains(int keyOrdinal, Column value) {
        requireKind(keyOrdinal, value.getClass());
        KeyColumns key = KeyColumns.of(List.of(value));
        int[] rows = {0};
        long[] hash = new long[1];
        key.hash(rows, 1, hash);
        return columnTables.get(keyOrdinal).contains(key, 0, hash[0]);
    }

    private void requireKind(int keyOrdinal, Class<?> kind) {
        if (kinds.get(keyOrdinal) != kind) {
            throw new IllegalArgumentException("key %d is a %s, not a %s"
                    .formatted(keyOrdinal, kinds.get(keyOrdinal).getSimpleName(), kind.getSimpleName()));
        }
    }

    /// The sorted distinct values of a key column: longs in natural order, bytes in unsigned order.
    public Column distinctKeys(int keyOrdinal) {
        return distinctKeys(
                keyOrdinal, kinds.get(keyOrdinal) == LongColumn.class ? KeyOrder.LONG : KeyOrder.UNSIGNED_BYTES);
    }

    /// The distinct values of a key column among the rows that can match, sorted. Each call builds a new column.
    public Column distinctKeys(int keyOrdinal, KeyOrder order) {
        requireKind(keyOrdinal, order.columnKind());
        Column values = columnTables.get(keyOrdinal).column(0);
        if (values instanceof LongColumn longs) {
            Arrays.parallelSort(longs.values(), 0, longs.size());
            return longs;
        }
        return values.take(new RowSort(List.of(values), List.of(order)).sorted(values.size()));
    }

    /// The earliest feature time that any row can match. Later than [#maxLatest] if no row can match.
    public long minEarliest() {
        return minEarliest;
    }

    /// The latest feature time that any row can match.
    public long maxLatest() {
        return maxLatest;
    }

    KeyTable table() {
        return table;
    }

    BitFilter filter() {
        return filter;
    }

    TimeBounds bounds() {
        return bounds;
    }

    int[] rowOfSlot() {
        return rowOfSlot;
    }

    List<Class<?>> kinds() {
        return kinds;
    }
}
