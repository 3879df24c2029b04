package dev.firn.config;

/// When a run of a standing retrieval also writes what changed since the run before it.
public enum ChangesMode {
    NEVER,
    /// If every view was refreshed from the run before.
    INCREMENTAL,
    ALWAYS
}
