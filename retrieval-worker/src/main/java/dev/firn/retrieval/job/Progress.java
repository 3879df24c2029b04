package dev.firn.retrieval.job;

/// Hears how far a retrieval is, for people. Lossy; called often, possibly by several threads: be quick.
@FunctionalInterface
public interface Progress {
    Progress NONE = (stage, view, done, total, unit) -> {};

    /// @param view the view worked on; empty for all
    /// @param total 0: not known
    void report(Stage stage, String view, long done, long total, String unit);
}
