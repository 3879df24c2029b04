package dev.firn.retrieval.intake;

/// The kind of a request. Requests come from people, runs from standing retrievals; runs get at most half of the slots.
public enum Lane {
    REQUESTS,
    RUNS
}
