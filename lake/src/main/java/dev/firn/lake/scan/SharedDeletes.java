package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import dev.firn.lake.parquet.ReadBuffers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.StructLikeWrapper;
import org.jspecify.annotations.Nullable;

/// The deletes of all data files of a scan. What several data files share is read once and kept until the scan ends:
/// the equality deletes of a scope, as one set that records when each value was deleted, and position delete files for
/// several data files. Only equality deletes that can hit a key of the spine are kept.
///
/// Their memory is reserved as they grow; exceeding the limit of the scan is `DELETE_BUDGET_EXCEEDED`. Thread-safe.
final class SharedDeletes implements AutoCloseable {
    /// Memory per row in Iceberg's own loader, which holds a whole file.
    private static final int BYTES_PER_BOXED_ROW = 190;

    private static final long BYTES_PER_POSITION = 8;

    private final PinnedTable table;
    private final ScanPlan plan;
    private final int threads;
    private final BooleanSupplier cancelled;
    private final CheckedDeleteLoader loader;
    private final DeletePairing pairing;
    private final WantedKeys keys;
    private final DeleteMemory memory;
    private final Map<String, DeleteFile> sharedPositions = new HashMap<>();
    private final PathHashes paths = new PathHashes();
    private final Map<Scope, Map<String, DeleteFile>> filesByScope = new HashMap<>();
    private final Map<Scope, EqualityDeletes> equalities = new ConcurrentHashMap<>();
    private final Map<String, PositionDeletes> positions = new ConcurrentHashMap<>();

    /// Equality deletes that compare the same columns and apply to the same partition, or to every data file.
    private record Scope(
            Set<Integer> fieldIds, int specId, @Nullable StructLikeWrapper partition) {}

    SharedDeletes(
            PinnedTable table,
            ScanPlan plan,
            FeatureColumns columns,
            ScanSettings settings,
            BooleanSupplier cancelled) {
        this.table = table;
        this.plan = plan;
        this.threads = settings.threads();
        this.cancelled = cancelled;
        this.pairing = plan.deletes();
        this.loader = new CheckedDeleteLoader(table, new PositionDeletes.Reads(plan.bytesRead, cancelled));
        this.keys = new WantedKeys(columns, plan.bounds());
        this.memory = new DeleteMemory(settings, this::describe);
        try {
            register();
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    /// Finds the deletes of each file. Its thread is interrupted if it takes too long for a cancelled scan.
    private void register() {
        if (pairing.isEmpty()) {
            return;
        }
        Set<String> seen = new HashSet<>();
        for (PlannedFile file : plan.plannedFiles()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("the pairing of deletes was cancelled");
            }
            paths.add(PathHashes.hash(file.location()));
            for (DeleteFile delete : pairing.of(file)) {
                requireReadable(delete);
                if (delete.content() == FileContent.EQUALITY_DELETES) {
                    filesByScope
                            .computeIfAbsent(scope(delete), scope -> new HashMap<>())
                            .put(delete.location(), delete);
                } else if (delete.format() == FileFormat.PARQUET && !seen.add(delete.location())) {
                    sharedPositions.put(delete.location(), delete);
                }
            }
        }
    }

    private void requireReadable(DeleteFile delete) {
        switch (delete.format()) {
            case PARQUET, AVRO, PUFFIN -> {}
            case ORC, METADATA ->
                throw refused("delete file %s is %s; Firn reads only Parquet, Avro and Puffin"
                        .formatted(delete.location(), delete.format()));
        }
        List<Integer> fields = delete.equalityFieldIds();
        if (delete.content() == FileContent.EQUALITY_DELETES && (fields == null || fields.isEmpty())) {
            throw new LakeRejection(
                    LakeCode.FILE_UNREADABLE,
                    "[%s snapshot %d] equality delete file [%s] names no columns in its manifest"
                            .formatted(table.pin().table(), table.pin().snapshotId(), delete.location()));
        }
    }

    private String describe() {
        long files = filesByScope.values().stream().mapToLong(Map::size).sum();
        long equalityRows = filesByScope.values().stream()
                .mapToLong(scope -> rows(scope.values()))
                .sum();
        return "[%s snapshot %d] has %d equality deletes in %d files and %d shared position deletes"
                .formatted(
                        table.pin().table(),
                        table.pin().snapshotId(),
                        equalityRows,
                        files,
                        rows(sharedPositions.values()));
    }

    private static long rows(Collection<DeleteFile> files) {
        return files.stream().mapToLong(DeleteFile::recordCount).sum();
    }

    private Scope scope(DeleteFile delete) {
        PartitionSpec spec = table.iceberg().specs().get(delete.specId());
        if (spec == null) {
            throw refused("delete file %s has unknown partition spec %d".formatted(delete.location(), delete.specId()));
        }
        StructLikeWrapper partition = spec.isUnpartitioned()
                ? null
                : StructLikeWrapper.forType(spec.partitionType()).set(delete.partition());
        return new Scope(new TreeSet<>(delete.equalityFieldIds()), partition == null ? -1 : delete.specId(), partition);
    }

    /// The deletes of one data file.
    FileDeletes of(PlannedFile file, long rows) {
        List<DeleteFile> deletes = pairing.of(file);
        if (deletes.isEmpty()) {
            return FileDeletes.NONE;
        }
        PositionMask mask = positions(deletes, file, rows);
        Set<Scope> scopes = new HashSet<>();
        for (DeleteFile delete : deletes) {
            switch (delete.content()) {
                case POSITION_DELETES -> {}
                case EQUALITY_DELETES -> scopes.add(scope(delete));
                default ->
                    throw refused(
                            "delete file %s has unexpected content %s".formatted(delete.location(), delete.content()));
            }
        }
        List<EqualityDeletes> sets = new ArrayList<>();
        scopes.forEach(scope -> sets.add(equalities.computeIfAbsent(scope, this::load)));
        return new FileDeletes(mask, sets, file.sequence());
    }

    /// The rows of one data file that position deletes and deletion vectors hide.
    PositionMask positions(PlannedFile file, long rows) {
        return positions(pairing.of(file), file, rows);
    }

    private PositionMask positions(List<DeleteFile> deletes, PlannedFile file, long rows) {
        PositionMask mask = new PositionMask(rows);
        for (DeleteFile delete : deletes) {
            if (delete.content() == FileContent.POSITION_DELETES) {
                addPositions(delete, file, mask);
            }
        }
        return mask;
    }

    private void addPositions(DeleteFile delete, PlannedFile file, PositionMask mask) {
        String path = ScanPlanner.withoutScheme(file.location());
        if (delete.format() != FileFormat.PARQUET) {
            // a deletion vector is in memory packed and unpacked; the manifest may claim any size
            Long packed = delete.contentSizeInBytes();
            long bytes = packed == null ? 0 : Math.max(0, packed) * 2;
            memory.reserve(bytes);
            try {
                mask.add(loader.loadPositionDeletes(List.of(delete), file.location()));
            } finally {
                memory.release(bytes);
            }
        } else if (sharedPositions.containsKey(delete.location())) {
            positions
                    .computeIfAbsent(delete.location(), location -> {
                        memory.reserve(delete.recordCount() * BYTES_PER_POSITION);
                        return PositionDeletes.read(
                                table,
                                delete,
                                other -> paths.contains(PathHashes.hash(other)),
                                new PositionDeletes.Reads(plan.bytesRead, cancelled));
                    })
                    .forEach(path, mask::set);
        } else {
            PositionDeletes.forEach(
                    table, delete, path, mask::set, new PositionDeletes.Reads(plan.bytesRead, cancelled));
        }
    }

    private EqualityDeletes load(Scope scope) {
        List<DeleteFile> files =
                List.copyOf(filesByScope.getOrDefault(scope, Map.of()).values());
        long[] sequences = files.stream()
                .mapToLong(DeleteFile::dataSequenceNumber)
                .distinct()
                .sorted()
                .toArray();
        DeleteFields compared = DeleteFields.of(table, scope.fieldIds());
        List<NestedField> fields = compared.fields();
        DeletedRows rows = DeletedRows.of(fields.stream().map(NestedField::type).toList(), memory);
        if (!keys.canFilter(fields)) {
            // most writers write distinct rows to a file, but several files often repeat rows
            rows.expect(files.stream().mapToLong(DeleteFile::recordCount).max().orElse(0));
        }
        ParallelFiles.run(
                threads,
                files.size(),
                ReadBuffers::new,
                file -> open(
                        files.get(file),
                        compared,
                        rows,
                        Arrays.binarySearch(sequences, files.get(file).dataSequenceNumber())));
        rows.seal();
        return new EqualityDeletes(fields, sequences, rows);
    }

    private List<Consumer<ReadBuffers>> open(DeleteFile file, DeleteFields compared, DeletedRows rows, int rank) {
        DeleteFileReader.Sink sink = (columns, size) -> {
            if (cancelled.getAsBoolean()) {
                throw new CancellationException("the loading of deletes was cancelled");
            }
            ComparedRows batch = ComparedRows.of(columns, size);
            int[] kept = HashFilter.allRows(size);
            rows.add(batch, kept, keys.keep(compared.fields(), batch, kept), rank);
        };
        if (file.format() == FileFormat.PARQUET) {
            return DeleteFileReader.open(table, file, plan.bytesRead).rowGroups(compared.fields(), sink);
        }
        return List.of(buffers -> {
            long boxed = file.recordCount() * BYTES_PER_BOXED_ROW;
            memory.reserve(boxed);
            try {
                BoxedDeletes.read(table, file, compared.fields(), compared.projection(), sink);
            } finally {
                memory.release(boxed);
            }
        });
    }

    private LakeRejection refused(String why) {
        return DeleteFields.refused(table, why);
    }

    @Override
    public void close() {
        memory.close();
    }
}
