package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.LongConsumer;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.ContentFileUtil;
import org.apache.iceberg.util.StructLikeWrapper;
import org.jspecify.annotations.Nullable;

/// Finds the deletes that apply to a data file: those that Iceberg's planning pairs with it, and those that planning
/// wrongly omits.
///
/// Planning drops an equality delete if the bounds of the two files do not overlap. But it compares uuids in signed
/// order (apache/iceberg#14216), ignores NaN, and treats a required field of an optional struct as never null. Deletes
/// by such columns are paired here by scope and sequence number alone. Planning also finds the deletes of a single data
/// file by its literal path; if a table uses both `s3://` and `s3a://`, this class pairs the rest.
///
/// Delete manifests are read again only for tables that may have such deletes. Immutable.
final class DeletePairing {
    /// Without statistics.
    private static final long BYTES_PER_DELETE_FILE = 400;

    private final Map<PartitionScope, List<DeleteFile>> equalities = new HashMap<>();
    private final Map<String, List<DeleteFile>> byPath = new HashMap<>();

    /// Where an equality delete applies: in one partition, or globally.
    private record PartitionScope(int specId, @Nullable StructLikeWrapper partition) {
        static final PartitionScope GLOBAL = new PartitionScope(-1, null);

        static PartitionScope of(PartitionSpec spec, StructLike partition) {
            return spec.isUnpartitioned()
                    ? GLOBAL
                    : new PartitionScope(
                            spec.specId(),
                            StructLikeWrapper.forType(spec.partitionType()).set(partition));
        }
    }

    private final LongConsumer memory;

    /// @param memory counts bytes before they are used
    DeletePairing(PinnedTable table, Collection<PlannedFile> files, LongConsumer memory) {
        this.memory = memory;
        Long id = table.pin().snapshotId();
        if (id == null || files.isEmpty()) {
            return;
        }
        Snapshot snapshot = table.iceberg().snapshot(id);
        List<ManifestFile> manifests = snapshot.deleteManifests(table.io());
        if (manifests.isEmpty()) {
            return;
        }
        // a snapshot of format 1 may have no summary
        Map<String, String> summary = Objects.requireNonNullElse(snapshot.summary(), Map.of());
        Set<Integer> misjudged =
                "0".equals(summary.get(SnapshotSummary.TOTAL_EQ_DELETES_PROP)) ? Set.of() : misjudged(table);
        boolean hasSeveralSpellings = hasSeveralSpellings(table, files, manifests);
        if (misjudged.isEmpty() && !hasSeveralSpellings) {
            return;
        }
        for (ManifestFile manifest : manifests) {
            read(table, manifest, misjudged, hasSeveralSpellings);
        }
    }

    private void read(PinnedTable table, ManifestFile manifest, Set<Integer> misjudged, boolean hasSeveralSpellings) {
        try (ManifestReader<DeleteFile> deletes = ManifestFiles.readDeleteManifest(
                manifest, table.io(), table.iceberg().specs())) {
            for (DeleteFile delete : deletes) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new CancellationException("the pairing of deletes was cancelled");
                }
                if (delete.content() == FileContent.EQUALITY_DELETES) {
                    if (delete.equalityFieldIds().stream().anyMatch(misjudged::contains)) {
                        equalities
                                .computeIfAbsent(
                                        PartitionScope.of(spec(table, delete), delete.partition()),
                                        scope -> new ArrayList<>())
                                .add(readable(table, delete.copyWithoutStats()));
                    }
                } else if (hasSeveralSpellings) {
                    CharSequence path = ContentFileUtil.referencedDataFile(delete);
                    if (path != null) {
                        byPath.computeIfAbsent(ScanPlanner.withoutScheme(path.toString()), key -> new ArrayList<>())
                                .add(readable(table, delete.copyWithoutStats()));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PartitionSpec spec(PinnedTable table, DeleteFile delete) {
        PartitionSpec spec = table.iceberg().specs().get(delete.specId());
        if (spec == null) {
            throw DeleteFields.refused(
                    table,
                    "delete file %s has unknown partition spec %d".formatted(delete.location(), delete.specId()));
        }
        return spec;
    }

    private DeleteFile readable(PinnedTable table, DeleteFile delete) {
        memory.accept(BYTES_PER_DELETE_FILE + delete.location().length());
        if (delete.keyMetadata() != null) {
            throw new LakeRejection(
                    LakeCode.UNSUPPORTED_TABLE,
                    "[%s] delete file %s is encrypted".formatted(table.pin().table(), delete.location()));
        }
        return delete;
    }

    /// Fields of all schemas whose bounds planning compares wrongly.
    private static Set<Integer> misjudged(PinnedTable table) {
        Set<Integer> ids = new HashSet<>();
        for (Schema schema : table.iceberg().schemas().values()) {
            Set<Integer> topLevel = new HashSet<>();
            schema.columns().forEach(field -> topLevel.add(field.fieldId()));
            for (NestedField field : TypeUtil.indexById(schema.asStruct()).values()) {
                Type.TypeID type = field.type().typeId();
                if (type == Type.TypeID.UUID
                        || type == Type.TypeID.FLOAT
                        || type == Type.TypeID.DOUBLE
                        || !topLevel.contains(field.fieldId())) {
                    ids.add(field.fieldId());
                }
            }
        }
        return ids;
    }

    private static boolean hasSeveralSpellings(
            PinnedTable table, Collection<PlannedFile> files, List<ManifestFile> manifests) {
        if (manifests.isEmpty()) {
            return false;
        }
        Set<String> schemes = new HashSet<>();
        schemes.add(scheme(table.iceberg().location()));
        manifests.forEach(manifest -> schemes.add(scheme(manifest.path())));
        for (PlannedFile file : files) {
            schemes.add(scheme(file.location()));
            file.deletes().forEach(delete -> schemes.add(scheme(delete.location())));
        }
        return schemes.size() > 1;
    }

    private static String scheme(String location) {
        int colon = location.indexOf("://");
        return colon < 0 ? "" : location.substring(0, colon);
    }

    /// A deletion vector replaces all position deletes of its file.
    List<DeleteFile> of(PlannedFile file) {
        if (equalities.isEmpty() && byPath.isEmpty()) {
            return file.deletes();
        }
        Map<String, DeleteFile> all = new LinkedHashMap<>();
        file.deletes().forEach(delete -> all.put(identity(delete), delete));
        addEqualities(PartitionScope.GLOBAL, file, all);
        PartitionScope own =
                PartitionScope.of(file.partition().spec(), file.partition().values());
        if (!own.equals(PartitionScope.GLOBAL)) {
            addEqualities(own, file, all);
        }
        for (DeleteFile delete : byPath.getOrDefault(ScanPlanner.withoutScheme(file.location()), List.of())) {
            if (delete.dataSequenceNumber() >= file.sequence()) {
                all.put(identity(delete), delete);
            }
        }
        boolean hasVector = all.values().stream().anyMatch(DeletePairing::isVector);
        return all.values().stream()
                .filter(delete -> !hasVector || delete.content() == FileContent.EQUALITY_DELETES || isVector(delete))
                .toList();
    }

    private void addEqualities(PartitionScope scope, PlannedFile file, Map<String, DeleteFile> all) {
        for (DeleteFile delete : equalities.getOrDefault(scope, List.of())) {
            if (delete.dataSequenceNumber() > file.sequence()) {
                all.put(identity(delete), delete);
            }
        }
    }

    static boolean isVector(DeleteFile delete) {
        return delete.format() == FileFormat.PUFFIN;
    }

    /// Several deletion vectors can share a file.
    private static String identity(DeleteFile delete) {
        return isVector(delete) ? delete.location() + "@" + delete.contentOffset() : delete.location();
    }
}
