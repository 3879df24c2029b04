package dev.firn.retrieval.job;

import java.util.Locale;

/// The steps of a retrieval, in order.
public enum Stage {
    RESOLVE,
    PIN,
    SPINE,
    PLAN,
    JOIN,
    GATHER,
    WRITE,
    PUBLISH;

    /// The name in events and manifests.
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
