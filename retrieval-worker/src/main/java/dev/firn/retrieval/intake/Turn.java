package dev.firn.retrieval.intake;

/// How a turn of a request in a slot ended, if it was not cancelled.
public sealed interface Turn {
    /// The request is answered, or a dead letter: its offset may move on.
    record Answered() implements Turn {}

    /// The request waits outside the slots and has another turn later.
    record Parked(Cause cause) implements Turn {}

    /// The request has another turn, with nothing beside it in this worker.
    record Alone() implements Turn {}

    /// Why a request is parked.
    enum Cause {
        /// Another copy of it is in progress in this worker.
        DUPLICATE,
        /// Its outcome cannot be read: a broken manifest, or one of a newer version.
        UNREADABLE,
        /// The store refuses to serve or to take its outcome.
        DENIED,
        /// The catalog or the store of its target table is not available.
        TARGET,
        /// The record of a view that it needs cannot be decoded.
        UNDECODED_VIEW,
        /// Its handling ended with an unexpected exception.
        FAILED
    }
}
