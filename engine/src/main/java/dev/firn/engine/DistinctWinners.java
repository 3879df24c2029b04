package dev.firn.engine;

/// The feature rows that won, each listed once no matter how many spine rows it won.
public final class DistinctWinners {
    private final long[] addresses;
    private final int[] takeOrder;

    DistinctWinners(long[] addresses, int[] takeOrder) {
        this.addresses = addresses;
        this.takeOrder = takeOrder;
    }

    /// Ascending.
    public long[] addresses() {
        return addresses;
    }

    /// For each spine row, the index of its winner in [#addresses], or -1 if it has none: an argument for
    /// [Column#take].
    public int[] takeOrder() {
        return takeOrder;
    }
}
