package dev.firn.retrieval.job;

/// Receives the progress of a retrieval, for people. Called often, possibly by several threads at once, so
/// implementations must return quickly and may drop reports.
@FunctionalInterface
public interface Progress {
    Progress NONE = (stage, view, done, total, unit) -> {};

    /// @param view the view in progress; empty for all
    /// @param total 0 if unknown
    void report(Stage stage, String view, long done, long total, String unit);
}
