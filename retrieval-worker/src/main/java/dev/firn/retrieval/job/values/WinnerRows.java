package dev.firn.retrieval.job.values;

/// The rows that want each winner, which is the inverse of the slice's order: the rows of winner `w` are
/// `rowsOf[firstOf[w]]` to `rowsOf[firstOf[w + 1]]` (exclusive), ascending. The arrays never change.
final class WinnerRows {
    static final WinnerRows NONE = new WinnerRows(new int[1], new int[0]);

    private final int[] firstOf;
    private final int[] rowsOf;

    private WinnerRows(int[] firstOf, int[] rowsOf) {
        this.firstOf = firstOf;
        this.rowsOf = rowsOf;
    }

    /// @param order for each row of the slice the number of its winner, or -1
    static WinnerRows of(int[] order) {
        int winners = 0;
        for (int winner : order) {
            winners = Math.max(winners, winner + 1);
        }
        int[] firstOf = new int[winners + 1];
        for (int winner : order) {
            if (winner >= 0) {
                firstOf[winner + 1]++;
            }
        }
        for (int w = 1; w <= winners; w++) {
            firstOf[w] += firstOf[w - 1];
        }
        int[] next = firstOf.clone();
        int[] rowsOf = new int[firstOf[winners]];
        for (int row = 0; row < order.length; row++) {
            if (order[row] >= 0) {
                rowsOf[next[order[row]]++] = row;
            }
        }
        return new WinnerRows(firstOf, rowsOf);
    }

    int[] firstOf() {
        return firstOf;
    }

    int[] rowsOf() {
        return rowsOf;
    }
}
