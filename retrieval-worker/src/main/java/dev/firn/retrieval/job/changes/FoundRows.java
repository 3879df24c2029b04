package dev.firn.retrieval.job.changes;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.Column;
import dev.firn.engine.IntColumn;
import dev.firn.engine.KeyOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Rows that are found in the tables: each key once, in ascending order, in both results. They are merged. The keys of
/// the previous result are read [#WINDOW_ROWS] at a time.
public final class FoundRows implements Alignment {
    private static final int WINDOW_ROWS = 1 << 14;

    private final EarlierResult earlier;
    private final List<KeyOrder> orders;
    private final List<Integer> columns;

    /// The keys of `size` rows of the previous result from row `first` on; the next row to look at is row `at` of them.
    private List<Column> window = List.of();

    private long first;
    private int size;
    private int at;

    /// Which rows of the window are gone.
    private final int[] gone = new int[WINDOW_ROWS];

    private int goneCount;

    /// @param orders of the columns of the spine
    public FoundRows(EarlierResult earlier, List<KeyOrder> orders) {
        this.earlier = earlier;
        this.orders = List.copyOf(orders);
        this.columns = IntStream.range(0, orders.size()).boxed().toList();
    }

    @Override
    public long[] next(List<Column> spine, int count, Removed removed) {
        long[] then = new long[count];
        for (int row = 0; row < count; row++) {
            then[row] = ADDED;
            while (hasNext(removed)) {
                int order = compare(spine, row);
                if (order < 0) {
                    break;
                }
                if (order == 0) {
                    then[row] = first + at++;
                    break;
                }
                gone[goneCount++] = at++;
            }
        }
        return then;
    }

    @Override
    public void end(Removed removed) {
        while (hasNext(removed)) {
            gone[goneCount++] = at++;
        }
    }

    private boolean hasNext(Removed removed) {
        if (at < size) {
            return true;
        }
        passOn(removed);
        long from = first + size;
        long to = Math.min(earlier.rows(), from + WINDOW_ROWS);
        if (from == to) {
            return false;
        }
        window = earlier.read(from, to, columns);
        size = (int) (to - from);
        first = from;
        at = 0;
        return true;
    }

    private void passOn(Removed removed) {
        if (goneCount > 0) {
            int[] rows = Arrays.copyOf(gone, goneCount);
            removed.accept(
                    window,
                    rows,
                    Arrays.stream(rows).mapToLong(row -> first + row).toArray());
            goneCount = 0;
        }
    }

    private int compare(List<Column> spine, int row) {
        for (int k = 0; k < orders.size(); k++) {
            int order = compare(orders.get(k), spine.get(k), row, window.get(k), at);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /// Compares keys of the table's type; [KeyOrder] knows them in the engine's form.
    private static int compare(KeyOrder order, Column now, int row, Column then, int other) {
        return switch (now) {
            case IntColumn ints -> Integer.compare(ints.values()[row], ((IntColumn) then).values()[other]);
            case BooleanColumn booleans ->
                Boolean.compare(booleans.values()[row], ((BooleanColumn) then).values()[other]);
            default -> order.compare(now, row, then, other);
        };
    }
}
