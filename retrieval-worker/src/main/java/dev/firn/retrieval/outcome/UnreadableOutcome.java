package dev.firn.retrieval.outcome;

/// A request has an outcome, but this worker cannot read it: the manifest is broken, or of a newer version. Another
/// outcome must not be decided or announced.
public final class UnreadableOutcome extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableOutcome(String message, Throwable cause) {
        super(message, cause);
    }
}
