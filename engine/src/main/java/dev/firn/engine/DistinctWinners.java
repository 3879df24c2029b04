package dev.firn.engine;

/// The feature rows that won, each once however many spine rows it won.
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

    /// For each spine row the index of its winner in [#addresses], -1 without one: ready for [Column#take].
    public int[] takeOrder() {
        return takeOrder;
    }
}
