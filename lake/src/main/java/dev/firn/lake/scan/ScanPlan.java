package dev.firn.lake.scan;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/// Which data files of a snapshot to read, in the order of (data sequence number, path without scheme), each with the
/// deletes that apply to it. It also counts what its scans read. Thread-safe.
public final class ScanPlan {
    private final List<PlannedFile> files;
    private final ScanBounds bounds;
    private final long filesTotal;
    private final Footers footers = new Footers();
    final LongAdder rowGroupsRead = new LongAdder();
    final LongAdder rowGroupsSkipped = new LongAdder();
    final LongAdder bytesRead = new LongAdder();
    final LongAdder bytesSkipped = new LongAdder();
    final LongAdder rowsScanned = new LongAdder();
    final LongAdder rowsDeleted = new LongAdder();

    ScanPlan(List<PlannedFile> files, ScanBounds bounds, long filesTotal, long bytesOfSkippedFiles) {
        this.files = List.copyOf(files);
        this.bounds = bounds;
        this.filesTotal = filesTotal;
        bytesSkipped.add(bytesOfSkippedFiles);
    }

    /// Data files to read.
    public int files() {
        return files.size();
    }

    List<PlannedFile> plannedFiles() {
        return files;
    }

    Footers footers() {
        return footers;
    }

    ScanBounds bounds() {
        return bounds;
    }

    /// So far.
    public ScanCounts counts() {
        return new ScanCounts(
                filesTotal,
                files.size(),
                filesTotal - files.size(),
                rowGroupsRead.sum(),
                rowGroupsSkipped.sum(),
                bytesRead.sum(),
                bytesSkipped.sum(),
                rowsScanned.sum(),
                rowsDeleted.sum());
    }
}
