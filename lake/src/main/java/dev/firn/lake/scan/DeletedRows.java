package dev.firn.lake.scan;

import dev.firn.lake.scan.ComparedRows.Values;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.types.Type;

/// The distinct rows that a scope's equality deletes name, each with the last commit that named it.
///
/// An open-addressing hash table of row numbers over primitive columns, at most half full, behind a filter of 16 bits
/// per row of which a row sets two in one word. A row that was never deleted is told by one memory access in all but
/// one of some 60 cases; one that was by three: slot, values, commit. Rows are looked up in batches, phase by phase, so
/// that these accesses overlap. A deleted long takes 24 to 40 bytes.
///
/// Commits are ranks in the ascending order of their sequence numbers. Filled under a lock in any order, then read by
/// many threads.
final class DeletedRows {
    private static final int FIRST_ROWS = 64;
    private static final int MOST_ROWS = 1 << 29;
    private static final int FILTER_BITS_PER_ROW = 16;
    private static final int HASHED_ROWS = 1 << 12;

    private final DeletedValues[] columns;
    private final DeleteMemory memory;
    /// Row number and one; 0 is free.
    private int[] slots = new int[0];

    private int[] ranks = new int[0];
    private long[] filter = new long[0];
    private int size;

    DeletedRows(List<Type> types, DeleteMemory memory) {
        this.columns = types.stream().map(type -> DeletedValues.of(type, memory)).toArray(DeletedValues[]::new);
        this.memory = memory;
    }

    int size() {
        return size;
    }

    /// Adds the first `count` of the wanted rows.
    synchronized void add(ComparedRows rows, int[] wanted, int count, int rank) {
        List<Values> values = rows.columns();
        for (int i = 0; i < count; i++) {
            int row = wanted[i];
            if (size == ranks.length) {
                grow();
            }
            int slot = slot(values, row, rows.hashes()[row]);
            int known = slots[slot] - 1;
            if (known >= 0) {
                ranks[known] = Math.max(ranks[known], rank);
                continue;
            }
            for (int c = 0; c < columns.length; c++) {
                columns[c].set(size, ranks.length, values.get(c), row);
            }
            ranks[size] = rank;
            slots[slot] = ++size;
        }
    }

    /// The slot of the row, or the free one where it belongs.
    private int slot(List<Values> values, int row, long hash) {
        int mask = slots.length - 1;
        int slot = (int) (hash >>> 32) & mask;
        while (slots[slot] != 0 && !equal(slots[slot] - 1, values, row)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private boolean equal(int at, List<Values> values, int row) {
        for (int c = 0; c < columns.length; c++) {
            if (!columns[c].equal(at, values.get(c), row)) {
                return false;
            }
        }
        return true;
    }

    private void grow() {
        if (size >= MOST_ROWS) {
            throw new IllegalStateException("more than %d deleted rows".formatted(MOST_ROWS));
        }
        int rows = Math.max(FIRST_ROWS, size * 2);
        for (DeletedValues column : columns) {
            column.reserve(rows);
        }
        memory.take((long) rows * Integer.BYTES);
        int[] moreRanks = Arrays.copyOf(ranks, rows);
        memory.giveBack((long) ranks.length * Integer.BYTES);
        ranks = moreRanks;
        memory.giveBack((long) slots.length * Integer.BYTES);
        memory.take(2L * rows * Integer.BYTES);
        slots = new int[2 * rows];
        int mask = slots.length - 1;
        eachHash((row, hash) -> {
            int slot = (int) (hash >>> 32) & mask;
            while (slots[slot] != 0) {
                slot = slot + 1 & mask;
            }
            slots[slot] = row + 1;
        });
    }

    private interface HashSink {
        void accept(int row, long hash);
    }

    private void eachHash(HashSink sink) {
        long[] hashes = new long[HASHED_ROWS];
        for (int from = 0; from < size; from += HASHED_ROWS) {
            int count = Math.min(HASHED_ROWS, size - from);
            Arrays.fill(hashes, 0);
            for (DeletedValues column : columns) {
                column.addHashes(from, count, hashes);
            }
            for (int i = 0; i < count; i++) {
                sink.accept(from + i, hashes[i]);
            }
        }
    }

    /// No row is added from now on.
    synchronized void seal() {
        long words = Math.max(1, (long) size * FILTER_BITS_PER_ROW / Long.SIZE);
        int length = (int) Math.min(1 << 30, Long.highestOneBit(2 * words - 1));
        memory.take((long) length * Long.BYTES);
        filter = new long[length];
        eachHash((row, hash) -> filter[(int) hash & (length - 1)] |= bits(hash));
    }

    private static long bits(long hash) {
        return 1L << (hash >>> 52) | 1L << (hash >>> 58);
    }

    /// Marks those of the rows that a commit after the given one deleted.
    void mark(ComparedRows rows, int rank, boolean[] deleted) {
        int[] passed = new int[rows.size()];
        int count = pass(rows.hashes(), passed);
        for (int i = 0; i < count; i++) {
            int row = passed[i];
            int known = slots[slot(rows.columns(), row, rows.hashes()[row])] - 1;
            deleted[row] |= known >= 0 && ranks[known] > rank;
        }
    }

    private int pass(long[] hashes, int[] passed) {
        long[] words = filter;
        int mask = words.length - 1;
        int count = 0;
        for (int i = 0; i < hashes.length; i++) {
            long bits = bits(hashes[i]);
            passed[count] = i;
            count += (words[(int) hashes[i] & mask] & bits) == bits ? 1 : 0;
        }
        return count;
    }
}
