package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.expressions.Evaluator;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.ParallelIterable;
import org.apache.iceberg.util.ThreadPools;

/// Reads the files that the manifests of one snapshot list: counted, limited, cancellable, and each data file once.
///
/// Manifests and files are left out by partition only. Iceberg's own planning would also compare the bounds and counts
/// of files, and trusts them: a cut bound or a pair in the wrong order hides a file or its deletes. Firn compares
/// bounds itself ([BoundsCheck]) and pairs deletes itself ([DeletePairing]).
///
/// A faulty writer can list a file twice, which would double its rows. Of each path a 64-bit hash is kept; if one comes
/// again, the manifests are read a second time and the paths of such hashes are compared, so the answer is exact.
final class Planning {
    private static final List<String> DATA_COLUMNS = List.of(
            "content",
            "file_path",
            "file_format",
            "partition",
            "record_count",
            "file_size_in_bytes",
            "key_metadata",
            "lower_bounds",
            "upper_bounds");

    private final PinnedTable table;
    private final Snapshot snapshot;
    private final int maxFiles;
    private final PlanMemory memory;
    private final BooleanSupplier cancelled;

    Planning(PinnedTable table, long snapshotId, int maxFiles, PlanMemory memory, BooleanSupplier cancelled) {
        this.table = table;
        this.snapshot = Objects.requireNonNull(table.iceberg().snapshot(snapshotId));
        this.maxFiles = maxFiles;
        this.memory = memory;
        this.cancelled = cancelled;
    }

    /// A data file, or what is left of it.
    interface Located {
        String location();
    }

    /// Passes each data file of a partition that can match to the sink. Throws `UNSUPPORTED_TABLE` if a file is listed
    /// twice, [CancellationException].
    ///
    /// @param filter what the partitions are compared with
    /// @param reduced keeps of a file what the sink needs; called by several threads
    <T extends Located> void dataFiles(Expression filter, Function<DataFile, T> reduced, Consumer<T> sink) {
        PathHashes hashes = new PathHashes();
        Set<Long> again = new HashSet<>();
        read(filter, reduced, file -> {
            memory.add(PathHashes.MAX_BYTES_PER_PATH);
            long hash = PathHashes.hash(file.location());
            if (!hashes.add(hash)) {
                again.add(hash);
                requireFew(again.size());
            }
            sink.accept(file);
        });
        if (again.isEmpty()) {
            return;
        }
        Set<String> paths = new HashSet<>();
        read(filter, file -> (Located) file::location, file -> {
            String location = file.location();
            if (again.contains(PathHashes.hash(location)) && !paths.add(ScanPlanner.withoutScheme(location))) {
                throw ScanPlanner.unsupported(table, "data file %s is listed twice".formatted(location));
            }
        });
    }

    private <T> void read(Expression filter, Function<DataFile, T> reduced, Consumer<T> sink) {
        forEach(
                snapshot.dataManifests(table.io()),
                filter,
                manifest -> ManifestFiles.read(manifest, table.io(), specs()).select(DATA_COLUMNS),
                reduced,
                sink);
    }

    /// Passes each delete file of a partition that can match to the sink. Throws `TOO_MANY_FILES` if there are too
    /// many, [CancellationException].
    void deleteFiles(Expression filter, Consumer<DeleteFile> sink) {
        int[] found = {0};
        forEach(
                snapshot.deleteManifests(table.io()),
                filter,
                manifest -> ManifestFiles.readDeleteManifest(manifest, table.io(), specs()),
                Function.identity(),
                file -> {
                    requireFew(++found[0]);
                    sink.accept(file);
                });
    }

    boolean hasDeleteManifests() {
        return !snapshot.deleteManifests(table.io()).isEmpty();
    }

    private Map<Integer, PartitionSpec> specs() {
        return table.iceberg().specs();
    }

    /// Throws `TOO_MANY_FILES`.
    void requireFew(int files) {
        if (files > maxFiles) {
            throw new LakeRejection(
                    LakeCode.TOO_MANY_FILES,
                    "[%s snapshot %d] needs more than %d files for one scan; compact the table"
                            .formatted(table.pin().table(), snapshot.snapshotId(), maxFiles));
        }
    }

    private interface Opening<F extends ContentFile<F>> {
        ManifestReader<F> open(ManifestFile manifest);
    }

    /// [ManifestReader#filterPartitions] would also leave out files that are said to have no rows.
    private static <F extends ContentFile<F>> CloseableIterable<F> ofPartitions(
            ManifestReader<F> files, Expression partitions, PartitionSpec spec) {
        if (partitions.equals(Expressions.alwaysTrue())) {
            return files;
        }
        Evaluator evaluator = new Evaluator(spec.partitionType(), partitions, true);
        return CloseableIterable.filter(files, file -> evaluator.eval(file.partition()));
    }

    private <F extends ContentFile<F>, T> void forEach(
            List<ManifestFile> manifests,
            Expression filter,
            Opening<F> opening,
            Function<? super F, T> reduced,
            Consumer<T> sink) {
        PartitionPruning pruning = new PartitionPruning(table, filter);
        List<CloseableIterable<T>> parts = new ArrayList<>();
        for (ManifestFile manifest : manifests) {
            if (pruning.mightMatch(manifest)) {
                Expression partitions = pruning.partitions(manifest);
                parts.add(CloseableIterable.transform(
                        ofPartitions(opening.open(manifest), partitions, pruning.spec(manifest)), reduced::apply));
            }
        }
        try (CloseableIterable<T> files =
                parts.size() == 1 ? parts.getFirst() : new ParallelIterable<>(parts, ThreadPools.getWorkerPool())) {
            for (T file : files) {
                if (cancelled.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                    throw new CancellationException("planning was cancelled");
                }
                sink.accept(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
