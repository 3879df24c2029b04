package dev.firn.service;

/// A neighbour answers, but cannot serve.
final class UnfitNeighbourException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param reason in a few words of Firn's own, which `/health` shows
    UnfitNeighbourException(String reason) {
        super(reason);
    }
}
