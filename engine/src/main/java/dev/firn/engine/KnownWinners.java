package dev.firn.engine;

/// The winners of an earlier join of the same spine, as far as a refresh needs them: one row for each spine row.
///
/// @param timestamps of the winners, in the feature's unit; null where there was none
/// @param created created times of the winners; null where the winner has none, or the view has no such column
/// @param tied whether only the winner's address decided
public record KnownWinners(LongColumn timestamps, LongColumn created, BooleanColumn tied) {
    public KnownWinners {
        if (created.size() != timestamps.size() || tied.size() != timestamps.size()) {
            throw new IllegalArgumentException("got %d timestamps, %d created times and %d ties"
                    .formatted(timestamps.size(), created.size(), tied.size()));
        }
    }

    /// What to keep of a join's winners.
    public static KnownWinners of(Winners winners) {
        int rows = winners.size();
        long[] timestamps = new long[rows];
        long[] created = new long[rows];
        boolean[] tied = new boolean[rows];
        Nulls.Builder none = new Nulls.Builder(rows);
        Nulls.Builder noCreated = new Nulls.Builder(rows);
        for (int row = 0; row < rows; row++) {
            boolean found = winners.address(row) != RowAddress.NONE;
            if (found) {
                timestamps[row] = winners.timestamp(row);
                tied[row] = winners.isAmbiguous(row);
            } else {
                none.set(row);
            }
            if (!found || winners.isCreatedNull(row)) {
                noCreated.set(row);
            } else {
                created[row] = winners.created(row);
            }
        }
        return new KnownWinners(
                new LongColumn(timestamps, rows, none.build()),
                new LongColumn(created, rows, noCreated.build()),
                new BooleanColumn(tied, rows, Nulls.NONE));
    }

    /// The winners of some rows, in the given order. Row `-1` had none.
    public KnownWinners take(int[] rows) {
        BooleanColumn taken = tied.take(rows);
        return new KnownWinners(
                timestamps.take(rows), created.take(rows), new BooleanColumn(taken.values(), taken.size(), Nulls.NONE));
    }

    public int size() {
        return timestamps.size();
    }

    /// Whether the row had a winner.
    public boolean isFound(int row) {
        return !timestamps.isNull(row);
    }
}
