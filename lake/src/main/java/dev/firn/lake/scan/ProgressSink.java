package dev.firn.lake.scan;

/// Hears of each row group that is done. Called by reader threads, possibly at once: be quick and thread-safe.
@FunctionalInterface
public interface ProgressSink {
    ProgressSink NONE = (files, of, rows) -> {};

    /// @param filesDone planned files read to their end
    /// @param files planned files
    /// @param rows rows scanned so far
    void progress(long filesDone, long files, long rows);
}
