package dev.firn.lake.scan;

/// Notified of each finished row group. Called by reader threads, possibly concurrently: be quick and thread-safe.
@FunctionalInterface
public interface ProgressSink {
    ProgressSink NONE = (files, of, rows) -> {};

    /// @param filesDone planned files that are completely read
    /// @param files planned files
    /// @param rows rows scanned so far
    void progress(long filesDone, long files, long rows);
}
