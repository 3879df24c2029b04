package dev.firn.lake.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// The data files of a snapshot to read, ordered by data sequence number and path without scheme, each with
/// the deletes that apply to it. Also counts what its scans read. Holds memory of the scans' budget until it
/// is closed. Thread-safe.
public final class ScanPlan implements AutoCloseable {
    /// Counts the files of this process's scans that were read without a part that cannot be right.
    public static final LongAdder FILES_IGNORED_PARTS_OF = new LongAdder();

    private final List<PlannedFile> files;
    private final ScanBounds bounds;
    private final DeletePairing deletes;
    private final long filesTotal;
    private final PlanMemory memory;
    private final Footers footers = new Footers();
    final LongAdder rowGroupsRead = new LongAdder();
    final LongAdder bytesRead = new LongAdder();
    final SkipCounts skips = new SkipCounts();
    final LongAdder rowsScanned = new LongAdder();
    final LongAdder rowsDeleted = new LongAdder();
    private final Map<String, String> ignoredParts = new ConcurrentHashMap<>();

    /// @param files immutable
    /// @param memory of the files; the plan closes it
    ScanPlan(
            List<PlannedFile> files,
            ScanBounds bounds,
            DeletePairing deletes,
            FilesSkipped skipped,
            PlanMemory memory) {
        this.files = files;
        this.bounds = bounds;
        this.deletes = deletes;
        this.filesTotal = skipped.filesTotal();
        this.memory = memory;
        skips.files(SkipReason.PLANNING, filesTotal - files.size() - skipped.ruledOut(), 0);
        skips.files(SkipReason.FILE_BOUNDS, skipped.ruledOut(), skipped.bytesRuledOut());
    }

    /// The files of the snapshot that the plan leaves out.
    ///
    /// @param filesTotal number of files of the snapshot
    /// @param ruledOut number of files ruled out by their bounds
    /// @param bytesRuledOut bytes of the files ruled out
    record FilesSkipped(long filesTotal, long ruledOut, long bytesRuledOut) {}

    /// A plan of some of these files, in their order, with the same bounds and deletes. It needs this plan's
    /// memory, and no closing.
    ScanPlan part(List<PlannedFile> some) {
        List<PlannedFile> numbered = new ArrayList<>();
        some.forEach(file -> numbered.add(file.at(numbered.size())));
        return new ScanPlan(
                List.copyOf(numbered),
                bounds,
                deletes,
                new FilesSkipped(filesTotal, 0, 0),
                new PlanMemory(null, "part of a table"));
    }

    /// Number of data files to read.
    public int files() {
        return files.size();
    }

    List<PlannedFile> plannedFiles() {
        return files;
    }

    DeletePairing deletes() {
        return deletes;
    }

    Footers footers() {
        return footers;
    }

    ScanBounds bounds() {
        return bounds;
    }

    /// Memory that the plan counts in the budget, in bytes.
    long memoryBytes() {
        return memory.used();
    }

    /// Notes that an optional part of a file cannot be right and is not used.
    void ignore(String location, String what) {
        if (ignoredParts.putIfAbsent(location, what) == null) {
            FILES_IGNORED_PARTS_OF.increment();
        }
    }

    /// Returns the memory to the budget. The counts remain.
    @Override
    public void close() {
        memory.close();
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
                skips.byReason(),
                ignoredParts);
    }
}
