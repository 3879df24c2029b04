package dev.firn.engine;

import java.util.BitSet;
import java.util.stream.IntStream;

/// Tells which winners of a look through the whole table are those of an earlier join, so that their values are
/// known. For changes of so many files that it is cheaper to join anew than to find out what is gone.
///
/// A winner is the earlier one if it has its timestamp and created time, neither was tied, and the best of the rows
/// that came is another one. Then it did not come: it was live before and could be seen, and the earlier winner was
/// the only row of its values.
public final class SameWinners {
    private final BitSet kept;
    private final BitSet without;
    private final int rows;
    private int replaced;

    /// @param now the winners among all rows, with their created times
    /// @param came the winners among the rows that came, with theirs; more of the live rows do no harm
    public SameWinners(KnownWinners known, Winners now, Winners came) {
        this.rows = known.size();
        this.kept = new BitSet(rows);
        this.without = new BitSet(rows);
        for (int row = 0; row < rows; row++) {
            boolean isFound = now.address(row) != RowAddress.NONE;
            boolean isFromCame = isFound && isFrom(came, now, row);
            kept.set(row, isFound && !isFromCame && isSame(known, now, row));
            replaced += isFromCame ? 1 : 0;
            without.set(row, !isFound && !known.isFound(row));
        }
    }

    private static boolean isSame(KnownWinners known, Winners now, int row) {
        return known.isFound(row)
                && !known.tied().values()[row]
                && !now.isAmbiguous(row)
                && known.timestamps().values()[row] == now.timestamp(row)
                && known.created().isNull(row) == now.isCreatedNull(row)
                && (now.isCreatedNull(row) || known.created().values()[row] == now.created(row));
    }

    private static boolean isFrom(Winners came, Winners now, int row) {
        return came.address(row) != RowAddress.NONE
                && came.timestamp(row) == now.timestamp(row)
                && came.isCreatedNull(row) == now.isCreatedNull(row)
                && (now.isCreatedNull(row) || came.created(row) == now.created(row));
    }

    /// The rows, ascending, whose winner is the earlier one.
    public int[] kept() {
        return kept.stream().toArray();
    }

    /// How many of [#others] a row that came wins, or one of the same times.
    public int replaced() {
        return replaced;
    }

    /// All other rows, ascending, but those that have no winner and had none.
    public int[] others() {
        return IntStream.range(0, rows)
                .filter(row -> !kept.get(row) && !without.get(row))
                .toArray();
    }
}
