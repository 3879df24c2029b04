package dev.firn.engine;

import java.util.List;

/// Sorts row numbers by the rows' key columns. A merge sort over ints, because the JDK's sorts with a comparator need
/// objects.
final class RowSort {
    private static final int INSERTION_LIMIT = 12;

    private final List<? extends Column> columns;
    private final List<KeyOrder> orders;

    RowSort(List<? extends Column> columns, List<KeyOrder> orders) {
        this.columns = columns;
        this.orders = orders;
    }

    int compare(int left, int right) {
        for (int i = 0; i < orders.size(); i++) {
            Column column = columns.get(i);
            int order = orders.get(i).compare(column, left, column, right);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /// The rows `0..n`, sorted.
    int[] sorted(int n) {
        int[] rows = new int[n];
        for (int i = 0; i < n; i++) {
            rows[i] = i;
        }
        sort(rows.clone(), rows, 0, n);
        return rows;
    }

    /// Sorts `target[from..to)`; `source` holds the same rows there.
    private void sort(int[] source, int[] target, int from, int to) {
        if (to - from <= INSERTION_LIMIT) {
            insertion(target, from, to);
            return;
        }
        int middle = (from + to) >>> 1;
        sort(target, source, from, middle);
        sort(target, source, middle, to);
        int left = from;
        int right = middle;
        for (int at = from; at < to; at++) {
            boolean takeLeft = right == to || (left < middle && compare(source[left], source[right]) <= 0);
            target[at] = takeLeft ? source[left++] : source[right++];
        }
    }

    private void insertion(int[] rows, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            int moved = rows[i];
            int at = i;
            for (; at > from && compare(rows[at - 1], moved) > 0; at--) {
                rows[at] = rows[at - 1];
            }
            rows[at] = moved;
        }
    }
}
