package dev.firn.lake.scan;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/// The data files of a snapshot to read, ordered by data sequence number and path without scheme, each with the deletes
/// that apply to it. Also counts what its scans read. Thread-safe.
public final class ScanPlan {
    private final List<PlannedFile> files;
    private final ScanBounds bounds;
    private final long filesTotal;
    private final Footers footers = new Footers();
    final LongAdder rowGroupsRead = new LongAdder();
    final LongAdder bytesRead = new LongAdder();
    final SkipCounts skips = new SkipCounts();
    final LongAdder rowsScanned = new LongAdder();
    final LongAdder rowsDeleted = new LongAdder();

    /// @param ruledOut number of files ruled out by their bounds
    /// @param bytesRuledOut bytes of the files ruled out
    ScanPlan(List<PlannedFile> files, ScanBounds bounds, long filesTotal, long ruledOut, long bytesRuledOut) {
        this.files = List.copyOf(files);
        this.bounds = bounds;
        this.filesTotal = filesTotal;
        skips.files(SkipReason.PLANNING, filesTotal - files.size() - ruledOut, 0);
        skips.files(SkipReason.FILE_BOUNDS, ruledOut, bytesRuledOut);
    }

    /// Number of data files to read.
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

    /// The counts so far.
    public ScanCounts counts() {
        return new ScanCounts(
                filesTotal,
                files.size(),
                rowGroupsRead.sum(),
                bytesRead.sum(),
                rowsScanned.sum(),
                rowsDeleted.sum(),
                skips.byReason());
    }
}
