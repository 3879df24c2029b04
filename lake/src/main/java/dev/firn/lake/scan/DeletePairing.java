package dev.firn.lake.scan;

import dev.firn.lake.catalog.PinnedTable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.util.StructLikeWrapper;
import org.jspecify.annotations.Nullable;

/// Finds the deletes that apply to each data file, by the rules of the table format: scope and sequence number.
///
/// - An *equality delete* applies to older files of its partition, or of the table if its spec is unpartitioned.
/// - A *position delete* applies to files that are not newer: to the one file that it names, or to its partition.
/// - A *deletion vector* replaces all position deletes of its file.
///
/// Iceberg's own pairing also drops an equality delete if the bounds of the two files do not overlap. A bound that was
/// cut or is in the wrong order then brings deleted rows back, so bounds are not compared here; the only exception is a
/// position delete whose bounds hold a single path. If that path is the beginning of a planned file's path it may have
/// been cut, and the delete is paired with its whole partition. Paths are compared without their schemes, since writers
/// spell `s3://` and `s3a://` for one file.
///
/// Immutable once made.
final class DeletePairing {
    static final DeletePairing NONE = new DeletePairing();

    private static final Comparator<DeleteFile> BY_SEQUENCE = Comparator.comparingLong(DeleteFile::dataSequenceNumber);

    /// Without statistics.
    private static final long BYTES_PER_DELETE_FILE = 400;

    private static final int PATH_FIELD = MetadataColumns.DELETE_FILE_PATH.fieldId();

    private final Map<Scope, List<DeleteFile>> equalities = new HashMap<>();
    private final Map<Scope, List<DeleteFile>> positions = new HashMap<>();
    private final Map<String, List<DeleteFile>> byPath = new HashMap<>();
    /// The specs of the scopes. Those of other specs need not be comparable.
    private final Set<Integer> scopedSpecs = new HashSet<>();
    private int size;

    /// Where a delete applies: in one partition, or globally.
    record Scope(int specId, @Nullable StructLikeWrapper partition) {
        static final Scope GLOBAL = new Scope(-1, null);

        static Scope of(PartitionSpec spec, StructLike partition) {
            return new Scope(
                    spec.specId(),
                    spec.isUnpartitioned()
                            ? null
                            : StructLikeWrapper.forType(spec.partitionType()).set(partition));
        }
    }

    private DeletePairing() {}

    /// @param filter what the partitions of delete files are compared with
    /// @param memory counts bytes before they are used
    static DeletePairing of(
            PinnedTable table,
            Planning planning,
            Expression filter,
            Collection<PlannedFile> files,
            LongConsumer memory) {
        if (files.isEmpty() || !planning.hasDeleteManifests()) {
            return NONE;
        }
        DeletePairing pairing = new DeletePairing();
        Targets targets = new Targets(files);
        planning.deleteFiles(filter, delete -> pairing.add(table, delete, targets, memory));
        pairing.equalities.values().forEach(deletes -> deletes.sort(BY_SEQUENCE));
        return pairing;
    }

    private void add(PinnedTable table, DeleteFile delete, Targets targets, LongConsumer memory) {
        PartitionSpec spec = ScanPlanner.spec(table, delete);
        if (delete.content() == FileContent.EQUALITY_DELETES) {
            Scope scope = spec.isUnpartitioned() ? Scope.GLOBAL : scope(spec, delete);
            if (spec.isUnpartitioned() || targets.contains(scope)) {
                put(table, equalities, scope, delete, memory);
            }
            return;
        }
        String named = delete.referencedDataFile();
        String path = named == null ? onlyPath(delete) : ScanPlanner.withoutScheme(named);
        if (path == null || (named == null && targets.hasFileBeyond(path))) {
            Scope scope = scope(spec, delete);
            if (targets.contains(scope)) {
                put(table, positions, scope, delete, memory);
            }
        } else if (targets.paths.contains(PathHashes.hash(path))) {
            put(table, byPath, path, delete, memory);
        }
    }

    private Scope scope(PartitionSpec spec, DeleteFile delete) {
        scopedSpecs.add(spec.specId());
        return Scope.of(spec, delete.partition());
    }

    private <K> void put(
            PinnedTable table, Map<K, List<DeleteFile>> deletes, K key, DeleteFile delete, LongConsumer memory) {
        memory.accept(BYTES_PER_DELETE_FILE + delete.location().length());
        if (delete.keyMetadata() != null) {
            throw ScanPlanner.unsupported(table, "delete file %s is encrypted".formatted(delete.location()));
        }
        List<DeleteFile> there = deletes.computeIfAbsent(key, k -> new ArrayList<>(1));
        if (isVector(delete) && there.stream().anyMatch(DeletePairing::isVector)) {
            throw ScanPlanner.unsupported(table, "data file %s has two deletion vectors".formatted(key));
        }
        there.add(delete.copyWithoutStats());
        size++;
    }

    /// The path that both bounds of a position delete file hold, without its scheme; null if they hold two.
    private static @Nullable String onlyPath(DeleteFile delete) {
        ByteBuffer min =
                delete.lowerBounds() == null ? null : delete.lowerBounds().get(PATH_FIELD);
        ByteBuffer max =
                delete.upperBounds() == null ? null : delete.upperBounds().get(PATH_FIELD);
        return min == null || !min.equals(max)
                ? null
                : ScanPlanner.withoutScheme(
                        StandardCharsets.UTF_8.decode(min.duplicate()).toString());
    }

    /// The planned data files.
    private static final class Targets {
        private final Map<Integer, Set<Scope>> scopes = new HashMap<>();
        final PathHashes paths = new PathHashes();
        private final Collection<PlannedFile> files;
        private String[] sorted = {};

        Targets(Collection<PlannedFile> files) {
            this.files = files;
            for (PlannedFile file : files) {
                paths.add(PathHashes.hash(file.location()));
            }
        }

        /// Whether a file is in the partition.
        boolean contains(Scope scope) {
            return scopes.computeIfAbsent(scope.specId(), this::scopes).contains(scope);
        }

        private Set<Scope> scopes(int specId) {
            return files.stream()
                    .map(PlannedFile::partition)
                    .filter(partition -> partition.spec().specId() == specId)
                    .map(partition -> Scope.of(partition.spec(), partition.values()))
                    .collect(Collectors.toSet());
        }

        /// Whether this is not the path of a file, but the beginning of one.
        boolean hasFileBeyond(String path) {
            if (paths.contains(PathHashes.hash(path))) {
                return false;
            }
            if (sorted.length == 0) {
                sorted = files.stream()
                        .map(file -> ScanPlanner.withoutScheme(file.location()))
                        .sorted()
                        .toArray(String[]::new);
            }
            int next = -Arrays.binarySearch(sorted, path) - 1;
            return next >= 0 && next < sorted.length && sorted[next].startsWith(path);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// The deletes of a data file.
    List<DeleteFile> of(PlannedFile file) {
        if (isEmpty()) {
            return List.of();
        }
        List<DeleteFile> all = new ArrayList<>();
        addNewer(equalities.getOrDefault(Scope.GLOBAL, List.of()), file.sequence(), all);
        addNewer(ofPartition(equalities, file), file.sequence(), all);
        List<DeleteFile> named = byPath.getOrDefault(ScanPlanner.withoutScheme(file.location()), List.of());
        boolean hasVector =
                named.stream().anyMatch(delete -> isVector(delete) && delete.dataSequenceNumber() >= file.sequence());
        for (DeleteFile delete : named) {
            if (delete.dataSequenceNumber() >= file.sequence() && (!hasVector || isVector(delete))) {
                all.add(delete);
            }
        }
        if (!hasVector) {
            for (DeleteFile delete : ofPartition(positions, file)) {
                if (delete.dataSequenceNumber() >= file.sequence()) {
                    all.add(delete);
                }
            }
        }
        return all;
    }

    private List<DeleteFile> ofPartition(Map<Scope, List<DeleteFile>> deletes, PlannedFile file) {
        PartitionSpec spec = file.partition().spec();
        return scopedSpecs.contains(spec.specId())
                ? deletes.getOrDefault(Scope.of(spec, file.partition().values()), List.of())
                : List.of();
    }

    /// Adds the deletes of a later commit; they are sorted by sequence number.
    private static void addNewer(List<DeleteFile> deletes, long sequence, List<DeleteFile> all) {
        int from = 0;
        int to = deletes.size();
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (deletes.get(middle).dataSequenceNumber() <= sequence) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        all.addAll(deletes.subList(from, deletes.size()));
    }

    static boolean isVector(DeleteFile delete) {
        return delete.format() == FileFormat.PUFFIN;
    }
}
