package dev.firn.retrieval;

/// What kind of request it is: those of people go before those that standing retrievals make by themselves.
enum Lane {
    REQUESTS,
    RUNS
}
