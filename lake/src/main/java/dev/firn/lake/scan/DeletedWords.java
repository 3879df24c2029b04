package dev.firn.lake.scan;

import dev.firn.engine.Nulls;
import dev.firn.lake.scan.ComparedRows.Words;

/// Deleted values of one column that fits 64 bits, like most keys. Value and commit are adjacent in one table, so a
/// deleted row costs one memory access after the filter. A value takes 32 to 64 bytes, plus 2 in the filter.
final class DeletedWords implements DeletedRows {
    private static final int MIN_SLOTS = 128;
    private static final int MAX_SLOTS = 1 << 29;
    private static final int NEVER = -1;

    private final DeleteMemory memory;
    /// Pairs of value and rank plus one; 0 marks a free slot.
    private long[] table = new long[0];

    private int size;
    private int rankOfNull = NEVER;
    private HashFilter filter = new HashFilter(0);

    DeletedWords(DeleteMemory memory) {
        this.memory = memory;
    }

    @Override
    public synchronized void expect(long rows) {
        long slots = Math.min(MAX_SLOTS, Math.max(MIN_SLOTS, Long.highestOneBit(4 * rows - 1)));
        if (slots * 2 > table.length) {
            resize((int) slots);
        }
    }

    @Override
    public synchronized void add(ComparedRows rows, int[] wanted, int count, int rank) {
        Words words = (Words) rows.columns().getFirst();
        Nulls nulls = words.nulls();
        for (int i = 0; i < count; i++) {
            int row = wanted[i];
            if (nulls.isNull(row)) {
                rankOfNull = Math.max(rankOfNull, rank);
                continue;
            }
            if (size * 4L >= table.length) {
                grow();
            }
            long value = words.values()[row];
            int slot = slot(table, value, rows.hashes()[row]);
            size += table[slot + 1] == 0 ? 1 : 0;
            table[slot] = value;
            table[slot + 1] = Math.max(table[slot + 1], rank + 1);
        }
    }

    /// The slot of the value, or the free slot where it belongs.
    private static int slot(long[] table, long value, long hash) {
        int mask = table.length - 1;
        int slot = ((int) (hash >>> 32) << 1) & mask;
        while (table[slot + 1] != 0 && table[slot] != value) {
            slot = (slot + 2) & mask;
        }
        return slot;
    }

    private void grow() {
        int slots = table.length / 2;
        if (slots >= MAX_SLOTS) {
            throw new IllegalStateException("more than %d deleted values".formatted(size));
        }
        resize(Math.max(MIN_SLOTS, slots * 2));
    }

    private void resize(int slots) {
        memory.reserve(2L * slots * Long.BYTES);
        long[] larger = new long[2 * slots];
        for (int from = 0; from < table.length; from += 2) {
            if (table[from + 1] != 0) {
                int to = slot(larger, table[from], ComparedRows.hashOf(table[from]));
                larger[to] = table[from];
                larger[to + 1] = table[from + 1];
            }
        }
        memory.release((long) table.length * Long.BYTES);
        table = larger;
    }

    @Override
    public synchronized void seal() {
        memory.reserve(HashFilter.bytes(size));
        filter = new HashFilter(size);
        for (int slot = 0; slot < table.length; slot += 2) {
            if (table[slot + 1] != 0) {
                filter.add(ComparedRows.hashOf(table[slot]));
            }
        }
    }

    @Override
    public void mark(ComparedRows rows, int rank, boolean[] deleted) {
        Words words = (Words) rows.columns().getFirst();
        if (words.nulls().any()) {
            markNulls(words.nulls(), rows.size(), rank, deleted);
        }
        if (size == 0) {
            return;
        }
        int[] candidates = HashFilter.allRows(rows.size());
        int count = filter.keep(rows.hashes(), candidates, candidates.length);
        for (int i = 0; i < count; i++) {
            int row = candidates[i];
            // the value at a null row is unspecified and may hit a slot by chance
            if (table[slot(table, words.values()[row], rows.hashes()[row]) + 1] > rank + 1
                    && !words.nulls().isNull(row)) {
                deleted[row] = true;
            }
        }
    }

    private void markNulls(Nulls nulls, int rows, int rank, boolean[] deleted) {
        for (int row = 0; row < rows && rankOfNull > rank; row++) {
            deleted[row] |= nulls.isNull(row);
        }
    }
}
