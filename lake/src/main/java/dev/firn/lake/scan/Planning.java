package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.expressions.ManifestEvaluator;
import org.apache.iceberg.io.CloseableIterable;

/// Reads what Iceberg plans of one snapshot, file by file: counted, limited, cancellable, and each file once.
///
/// A faulty writer can list a file twice, which would double its rows. Of each path a 64-bit hash is kept; if one comes
/// again, planning runs a second time and compares the paths of such hashes, so the answer is exact.
final class Planning {
    private final PinnedTable table;
    private final TableScan scan;
    private final int maxFiles;
    private final PlanMemory memory;
    private final BooleanSupplier cancelled;

    Planning(PinnedTable table, TableScan scan, int maxFiles, PlanMemory memory, BooleanSupplier cancelled) {
        this.table = table;
        this.scan = scan;
        this.maxFiles = maxFiles;
        this.memory = memory;
        this.cancelled = cancelled;
    }

    /// Passes each task to the sink. Throws `UNSUPPORTED_TABLE` if a file is listed twice, `TOO_MANY_FILES`
    /// if there are too many delete files, [CancellationException].
    ///
    /// @param filter what the scan filters by
    void each(org.apache.iceberg.expressions.Expression filter, Consumer<FileScanTask> sink) {
        expectDeletes(filter);
        PathHashes hashes = new PathHashes();
        Set<Long> again = new HashSet<>();
        forEach(task -> {
            memory.add(PathHashes.MAX_BYTES_PER_PATH);
            long hash = PathHashes.hash(task.file().location());
            if (!hashes.add(hash)) {
                again.add(hash);
                requireFew(again.size());
            }
            sink.accept(task);
        });
        if (again.isEmpty()) {
            return;
        }
        Set<String> paths = new HashSet<>();
        forEach(task -> {
            String location = task.file().location();
            if (again.contains(PathHashes.hash(location)) && !paths.add(ScanPlanner.withoutScheme(location))) {
                throw ScanPlanner.unsupported(table, "data file %s is listed twice".formatted(location));
            }
        });
    }

    /// Throws `TOO_MANY_FILES`.
    void requireFew(int files) {
        if (files > maxFiles) {
            throw new LakeRejection(
                    LakeCode.TOO_MANY_FILES,
                    "[%s snapshot %d] needs more than %d files for one scan; compact the table"
                            .formatted(table.pin().table(), table.pin().snapshotId(), maxFiles));
        }
    }

    private void forEach(Consumer<FileScanTask> sink) {
        try (CloseableIterable<FileScanTask> tasks = scan.planFiles()) {
            for (FileScanTask task : tasks) {
                if (cancelled.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                    throw new CancellationException("planning was cancelled");
                }
                sink.accept(task);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Iceberg holds the delete files of the manifests that the filter leaves while it plans.
    private void expectDeletes(org.apache.iceberg.expressions.Expression filter) {
        long expected = 0;
        for (ManifestFile manifest : scan.snapshot().deleteManifests(table.io())) {
            if (ManifestEvaluator.forRowFilter(
                            filter, table.iceberg().specs().get(manifest.partitionSpecId()), scan.isCaseSensitive())
                    .eval(manifest)) {
                expected += ScanPlanner.orZero(manifest.addedFilesCount());
                expected += ScanPlanner.orZero(manifest.existingFilesCount());
            }
        }
        requireFew((int) Math.min(Integer.MAX_VALUE, expected));
        memory.add(expected * PlannedFiles.BYTES_PER_DELETE_FILE);
    }
}
