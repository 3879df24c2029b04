package dev.firn.lake.scan;

import dev.firn.lake.scan.ComparedRows.Values;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.types.Type;

/// Deleted rows of several columns, or of byte strings: a hash table of row numbers, with the values in one array per
/// column. After the filter a row costs three memory accesses: slot, values, commit.
final class DeletedTuples implements DeletedRows {
    private static final int FIRST_ROWS = 64;
    private static final int MAX_ROWS = 1 << 29;
    private static final int HASHED_ROWS = 1 << 12;

    private final DeletedValues[] columns;
    private final DeleteMemory memory;
    /// Row number plus one; 0 is a free slot.
    private int[] slots = new int[0];

    private int[] ranks = new int[0];
    private HashFilter filter = new HashFilter(0);
    private int size;

    DeletedTuples(List<Type> types, DeleteMemory memory) {
        this.columns =
                types.stream().map(type -> DeletedValues.of(type, memory)).toArray(DeletedValues[]::new);
        this.memory = memory;
    }

    @Override
    public synchronized void expect(long rows) {
        if (rows > ranks.length) {
            resize((int) Math.min(MAX_ROWS, Math.max(FIRST_ROWS, Long.highestOneBit(2 * rows - 1))));
        }
    }

    @Override
    public synchronized void add(ComparedRows rows, int[] wanted, int count, int rank) {
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
            slot = (slot + 1) & mask;
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
        if (size >= MAX_ROWS) {
            throw new IllegalStateException("more than %d deleted rows".formatted(MAX_ROWS));
        }
        resize(Math.max(FIRST_ROWS, size * 2));
    }

    private void resize(int rows) {
        for (DeletedValues column : columns) {
            column.reserve(rows);
        }
        memory.reserve((long) rows * Integer.BYTES);
        int[] moreRanks = Arrays.copyOf(ranks, rows);
        memory.release((long) ranks.length * Integer.BYTES);
        ranks = moreRanks;
        memory.release((long) slots.length * Integer.BYTES);
        memory.reserve(2L * rows * Integer.BYTES);
        slots = new int[2 * rows];
        int mask = slots.length - 1;
        eachHash((row, hash) -> {
            int slot = (int) (hash >>> 32) & mask;
            while (slots[slot] != 0) {
                slot = (slot + 1) & mask;
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

    @Override
    public synchronized void seal() {
        memory.reserve(HashFilter.bytes(size));
        filter = new HashFilter(size);
        eachHash((row, hash) -> filter.add(hash));
    }

    @Override
    public void mark(ComparedRows rows, int rank, boolean[] deleted) {
        if (size == 0) {
            return;
        }
        int[] candidates = HashFilter.allRows(rows.size());
        int count = filter.keep(rows.hashes(), candidates, candidates.length);
        for (int i = 0; i < count; i++) {
            int row = candidates[i];
            int known = slots[slot(rows.columns(), row, rows.hashes()[row])] - 1;
            if (known >= 0 && ranks[known] > rank) {
                deleted[row] = true;
            }
        }
    }
}
