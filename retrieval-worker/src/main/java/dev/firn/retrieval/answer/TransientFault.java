package dev.firn.retrieval.answer;

/// A neighbour does not answer, or not yet: tried again, never answered as the user's mistake.
public final class TransientFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TransientFault(String message) {
        super(message);
    }

    public TransientFault(String message, Throwable cause) {
        super(message, cause);
    }
}
