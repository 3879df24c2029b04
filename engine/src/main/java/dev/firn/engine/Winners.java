package dev.firn.engine;

/// The winning feature row of every spine row.
@SuppressWarnings("DoNotCallSuggester")
public final class Winners {
    private Winners() {}

    /// Spine rows.
    public int size() {
        throw new UnsupportedOperationException();
    }

    /// [RowAddress#NONE] if the row has no winner.
    public long address(int row) {
        throw new UnsupportedOperationException();
    }

    /// In the feature's unit; meaningless without a winner.
    public long timestamp(int row) {
        throw new UnsupportedOperationException();
    }

    /// Whether another candidate had the winner's time and created time.
    public boolean isAmbiguous(int row) {
        throw new UnsupportedOperationException();
    }

    /// Spine rows with a winner.
    public long matched() {
        throw new UnsupportedOperationException();
    }

    public long ambiguous() {
        throw new UnsupportedOperationException();
    }

    /// Feature rows seen.
    public long rowsProbed() {
        throw new UnsupportedOperationException();
    }

    /// Sorted.
    public long[] distinctAddresses() {
        throw new UnsupportedOperationException();
    }

    /// For each spine row the index of its winner in [#distinctAddresses], -1 without one: ready for [Column#take].
    public int[] takeOrder() {
        throw new UnsupportedOperationException();
    }
}
