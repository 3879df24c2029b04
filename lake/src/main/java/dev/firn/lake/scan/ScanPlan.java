package dev.firn.lake.scan;

/// Which data files of a snapshot to read, in the order of (data sequence number, path without scheme), each with the
/// deletes that apply to it. It also counts what its scans read. Thread-safe.
public final class ScanPlan {
    ScanPlan() {}

    /// Data files to read.
    public int files() {
        throw new UnsupportedOperationException();
    }

    /// So far.
    public ScanCounts counts() {
        throw new UnsupportedOperationException();
    }
}
