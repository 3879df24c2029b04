package dev.firn.engine;

/// What a refresh does with each spine row; see [WinnerRefresh]. Immutable.
public final class RefreshVerdicts {
    /// There was no winner, and there is none.
    static final byte NOTHING = 0;

    /// The earlier winner stays.
    static final byte KEPT = 1;

    /// A row that came wins.
    static final byte REPLACED = 2;

    /// The winner must be looked up in the whole table.
    static final byte AFRESH = 3;

    private final byte[] verdicts;
    private final KnownWinners known;
    private final Winners came;
    private final int[] counts = new int[AFRESH + 1];

    RefreshVerdicts(byte[] verdicts, KnownWinners known, Winners came) {
        this.verdicts = verdicts;
        this.known = known;
        this.came = came;
        for (byte verdict : verdicts) {
            counts[verdict]++;
        }
    }

    /// The rows, ascending, whose earlier winner stays.
    public int[] kept() {
        return rows(KEPT);
    }

    /// The rows, ascending, that a row that came wins.
    public int[] replaced() {
        return rows(REPLACED);
    }

    /// The rows, ascending, to look up in the whole table.
    public int[] afresh() {
        return rows(AFRESH);
    }

    /// The rows that came and win, for [#replaced].
    public DistinctWinners distinctCame() {
        return came.distinct(replaced());
    }

    private int[] rows(byte wanted) {
        int[] rows = new int[counts[wanted]];
        int n = 0;
        for (int row = 0; n < rows.length; row++) {
            if (verdicts[row] == wanted) {
                rows[n++] = row;
            }
        }
        return rows;
    }

    /// All winners of the spine. Their addresses only say whether there is one.
    ///
    /// @param fresh the winners of [#afresh], in that order, with their created times
    public Winners winners(Winners fresh) {
        Winners all = new Winners(verdicts.length, came.rowsProbed() + fresh.rowsProbed(), true);
        int nextFresh = 0;
        for (int row = 0; row < verdicts.length; row++) {
            switch (verdicts[row]) {
                case KEPT -> {
                    all.set(
                            row,
                            0,
                            known.timestamps().values()[row],
                            known.tied().values()[row]);
                    if (!known.created().isNull(row)) {
                        all.setCreated(row, known.created().values()[row]);
                    }
                }
                case REPLACED -> copy(came, row, all, row);
                case AFRESH -> copy(fresh, nextFresh++, all, row);
                default -> {}
            }
        }
        return all;
    }

    private static void copy(Winners from, int fromRow, Winners to, int row) {
        if (from.address(fromRow) != RowAddress.NONE) {
            to.set(row, 0, from.timestamp(fromRow), from.isAmbiguous(fromRow));
            if (!from.isCreatedNull(fromRow)) {
                to.setCreated(row, from.created(fromRow));
            }
        }
    }
}
