package dev.firn.retrieval;

/// A neighbour does not answer, or not yet: tried again, never answered as the user's mistake.
final class TransientFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TransientFault(String message) {
        super(message);
    }

    TransientFault(String message, Throwable cause) {
        super(message, cause);
    }
}
