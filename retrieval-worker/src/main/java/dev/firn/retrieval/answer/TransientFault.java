package dev.firn.retrieval.answer;

import org.apache.kafka.common.errors.RetriableException;

/// The broker or the schema registry does not answer, or not in time. Retried, and never answered as a user's mistake.
public final class TransientFault extends RetriableException {
    private static final long serialVersionUID = 1L;

    public TransientFault(String message) {
        super(message);
    }

    public TransientFault(String message, Throwable cause) {
        super(message, cause);
    }
}
