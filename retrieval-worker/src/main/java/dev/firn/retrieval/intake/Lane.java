package dev.firn.retrieval.intake;

/// What kind of request it is: those of people go before those that standing retrievals make by themselves.
public enum Lane {
    REQUESTS,
    RUNS
}
