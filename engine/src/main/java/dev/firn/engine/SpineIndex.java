package dev.firn.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The spine, grouped by key, each group's rows in the order of their times. Immutable; several joins and threads
/// may use it at once.
///
/// Rows with a null key or null bounds match nothing and take no place here. Groups lie in the order of their keys'
/// hashes, so that a table walk is a walk along all slots. Memory: 4 bytes per row; 26 to 52 per distinct key, and
/// its encoded bytes if keys are not one long column; the same once more for each column of a composite key; the
/// bounds.
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
        int unmatchable = lengths[0];
        this.rowOfSlot = new int[rows - unmatchable];
        scatter(groupOfRow, lengths);
        long least = Long.MAX_VALUE;
        long greatest = Long.MIN_VALUE;
        for (int row : rowOfSlot) {
            least = Math.min(least, bounds.earliest()[row]);
            greatest = Math.max(greatest, bounds.latest()[row]);
        }
        this.minEarliest = least;
        this.maxLatest = greatest;
    }

    /// Keys are [LongColumn]s or [BytesColumn]s. Throws [IllegalArgumentException] for other kinds, for lengths that
    /// differ, and for bounds whose created times fall where their feature times rise.
    public static SpineIndex of(List<Column> keys, TimeBounds bounds) {
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i).size() != bounds.size()) {
                throw new IllegalArgumentException("key %d has %d rows, the bounds %d"
                        .formatted(i, keys.get(i).size(), bounds.size()));
            }
        }
        return new SpineIndex(KeyColumns.of(keys), bounds);
    }

    /// Each row's group, counted from 1 in order of appearance; 0 if it matches nothing.
    private int[] group(KeyColumns keys) {
        int[] groupOfRow = new int[rows];
        int[] chunk = new int[CHUNK];
        long[] hashes = new long[CHUNK];
        for (int from = 0; from < rows; from += CHUNK) {
            int n = matchable(keys, from, chunk);
            keys.hash(chunk, n, hashes);
            for (int i = 0; i < n; i++) {
                groupOfRow[chunk[i]] = (int) table.intern(keys, chunk[i], hashes[i]);
            }
        }
        return groupOfRow;
    }

    private int matchable(KeyColumns keys, int from, int[] chunk) {
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

    /// Every column of a composite key in a table of its own; a single column is its own.
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

    /// Gives every group its slots, in table order, and every slot its row, in the order of its times. From here on
    /// a key stands for `first slot << 32 | slots`.
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
                throw new IllegalArgumentException("created bounds of spine rows %d and %d fall where the times rise"
                        .formatted(rowOfSlot[slot - 1], rowOfSlot[slot]));
            }
        }
    }

    /// Spine rows, those that match nothing included.
    public int rows() {
        return rows;
    }

    /// Distinct keys that can match.
    public int groups() {
        return table.size();
    }

    /// Bytes held by this index, the bounds not counted.
    public long retainedBytes() {
        long tables = kinds.size() == 1 ? 0 : table.retainedBytes();
        for (KeyTable column : columnTables) {
            tables += column.retainedBytes();
        }
        return tables + filter.retainedBytes() + (long) rowOfSlot.length * Integer.BYTES;
    }

    /// Whether a row that can match has this value in this key column.
    public boolean mightContain(int keyOrdinal, long value) {
        return contains(keyOrdinal, LongColumn.of(value));
    }

    /// Whether a row that can match has these bytes in this key column.
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

    /// The same, in the natural order of longs or the unsigned order of bytes.
    public Column distinctKeys(int keyOrdinal) {
        return distinctKeys(
                keyOrdinal, kinds.get(keyOrdinal) == LongColumn.class ? KeyOrder.LONG : KeyOrder.UNSIGNED_BYTES);
    }

    /// The sorted distinct values of a key column over the rows that can match. Made anew by each call.
    public Column distinctKeys(int keyOrdinal, KeyOrder order) {
        requireKind(keyOrdinal, order.columnKind());
        Column values = columnTables.get(keyOrdinal).column(0);
        if (values instanceof LongColumn longs) {
            Arrays.parallelSort(longs.values(), 0, longs.size());
            return longs;
        }
        return values.take(new RowSort(List.of(values), List.of(order)).sorted(values.size()));
    }

    /// The least feature time that any row can match; greater than [#maxLatest] if no row can match anything.
    public long minEarliest() {
        return minEarliest;
    }

    /// The greatest feature time that any row can match.
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
