package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.StructLikeWrapper;
import org.jspecify.annotations.Nullable;

/// The deletes of all data files of a scan. What several data files share is read once and kept until the scan ends:
/// equality deletes by scope, as one set that knows when each of its values was deleted, and position delete files
/// that name several data files.
///
/// What is kept is estimated before anything is read; more than the limit is refused with `DELETE_BUDGET_EXCEEDED`.
/// Thread-safe.
final class SharedDeletes {
    private static final long BYTES_PER_POSITION = 8;

    private final PinnedTable table;
    private final BaseDeleteLoader loader;
    private final BaseDeleteLoader keeping;
    private final Set<String> sharedPositions = new HashSet<>();
    private final Map<Scope, Map<String, DeleteFile>> filesByScope = new HashMap<>();
    private final Map<Scope, EqualityDeletes> equalities = new ConcurrentHashMap<>();

    /// Where equality deletes hold: they compare the same columns, and reach one partition, or every data file.
    private record Scope(
            Set<Integer> fieldIds, int specId, @Nullable StructLikeWrapper partition) {}

    /// @param maxBytes how much may be kept
    SharedDeletes(PinnedTable table, Collection<PlannedFile> files, long maxBytes) {
        this.table = table;
        this.loader = new BaseDeleteLoader(delete -> table.io().newInputFile(delete));
        this.keeping = new KeepingLoader(table);
        Set<String> seen = new HashSet<>();
        Map<String, DeleteFile> positions = new HashMap<>();
        for (PlannedFile file : files) {
            for (DeleteFile delete : file.deletes()) {
                if (delete.content() == FileContent.EQUALITY_DELETES) {
                    filesByScope
                            .computeIfAbsent(scope(delete), scope -> new HashMap<>())
                            .put(delete.location(), delete);
                } else if (delete.format() != FileFormat.PUFFIN && !seen.add(delete.location())) {
                    positions.put(delete.location(), delete);
                }
            }
        }
        sharedPositions.addAll(positions.keySet());
        requireWithin(maxBytes, positions.values());
    }

    private void requireWithin(long maxBytes, Collection<DeleteFile> positions) {
        long positionRows = rows(positions);
        long equalityRows = 0;
        long bytes = positionRows * BYTES_PER_POSITION;
        for (Map.Entry<Scope, Map<String, DeleteFile>> scope : filesByScope.entrySet()) {
            long rows = rows(scope.getValue().values());
            equalityRows += rows;
            bytes += rows * EqualityDeletes.bytesPerRow(fields(scope.getKey().fieldIds()));
        }
        if (bytes > maxBytes) {
            throw new LakeRejection(
                    LakeCode.DELETE_BUDGET_EXCEEDED,
                    ("[%s snapshot %d] has %d equality deletes in %d files and %d shared position deletes: about %d MiB"
                                    + " of memory, and a scan may use %d MiB; compact the table")
                            .formatted(
                                    table.pin().table(),
                                    table.pin().snapshotId(),
                                    equalityRows,
                                    filesByScope.values().stream()
                                            .mapToInt(Map::size)
                                            .sum(),
                                    positionRows,
                                    bytes >> 20,
                                    maxBytes >> 20));
        }
    }

    private static long rows(Collection<DeleteFile> files) {
        return files.stream().mapToLong(DeleteFile::recordCount).sum();
    }

    private Scope scope(DeleteFile delete) {
        PartitionSpec spec = table.iceberg().specs().get(delete.specId());
        if (spec == null) {
            throw refused("delete file %s is of unknown spec %d".formatted(delete.location(), delete.specId()));
        }
        StructLikeWrapper partition = spec.isUnpartitioned()
                ? null
                : StructLikeWrapper.forType(spec.partitionType()).set(delete.partition());
        return new Scope(new TreeSet<>(delete.equalityFieldIds()), partition == null ? -1 : delete.specId(), partition);
    }

    /// The deletes of one data file of so many rows.
    FileDeletes of(PlannedFile file, long rows) {
        if (file.deletes().isEmpty()) {
            return FileDeletes.NONE;
        }
        List<DeleteFile> own = new ArrayList<>();
        List<DeleteFile> shared = new ArrayList<>();
        Set<Scope> scopes = new HashSet<>();
        for (DeleteFile delete : file.deletes()) {
            switch (delete.content()) {
                case POSITION_DELETES -> (sharedPositions.contains(delete.location()) ? shared : own).add(delete);
                case EQUALITY_DELETES -> scopes.add(scope(delete));
                default -> throw refused("delete file %s is of kind %s".formatted(delete.location(), delete.content()));
            }
        }
        PositionMask mask = new PositionMask(rows);
        mask.add(loader, own, file);
        mask.add(keeping, shared, file);
        List<EqualityDeletes> sets = new ArrayList<>();
        scopes.forEach(scope -> sets.add(equalities.computeIfAbsent(scope, this::load)));
        return new FileDeletes(mask, sets, file.sequence());
    }

    /// In the order of their commits, so that the last delete of a value stands.
    private EqualityDeletes load(Scope scope) {
        List<DeleteFile> files =
                new ArrayList<>(filesByScope.getOrDefault(scope, Map.of()).values());
        files.sort(Comparator.comparingLong(DeleteFile::dataSequenceNumber));
        List<NestedField> fields = fields(scope.fieldIds());
        EqualityDeletes.Builder sets = new EqualityDeletes.Builder(fields);
        for (DeleteFile file : files) {
            sets.add(loader.loadEqualityDeletes(List.of(file), new Schema(fields)), file.dataSequenceNumber());
        }
        return sets.build();
    }

    /// The delete's columns in the pinned schema, or where they were dropped since, in the newest schema that had them.
    private List<NestedField> fields(Set<Integer> ids) {
        List<NestedField> fields = new ArrayList<>();
        for (int id : ids) {
            NestedField field = topLevel(table.schema(), id);
            if (field == null) {
                field = table.iceberg().schemas().values().stream()
                        .sorted(Comparator.comparingInt(Schema::schemaId).reversed())
                        .map(schema -> topLevel(schema, id))
                        .filter(found -> found != null)
                        .findFirst()
                        .orElseThrow(() ->
                                refused("an equality delete by field %d, which is no top-level column".formatted(id)));
            }
            if (!field.type().isPrimitiveType()) {
                throw refused("an equality delete by %s of type %s".formatted(field.name(), field.type()));
            }
            fields.add(field);
        }
        return fields;
    }

    private static @Nullable NestedField topLevel(Schema schema, int id) {
        for (NestedField field : schema.columns()) {
            if (field.fieldId() == id) {
                return field;
            }
        }
        return null;
    }

    private LakeRejection refused(String why) {
        return new LakeRejection(
                LakeCode.UNSUPPORTED_TABLE,
                "[%s snapshot %d] %s".formatted(table.pin().table(), table.pin().snapshotId(), why));
    }

    /// Iceberg's loader reads a delete file whole when it may keep it.
    private static final class KeepingLoader extends BaseDeleteLoader {
        private final Map<String, Object> kept = new ConcurrentHashMap<>();

        KeepingLoader(PinnedTable table) {
            super(delete -> table.io().newInputFile(delete));
        }

        @Override
        protected boolean canCache(long size) {
            return true;
        }

        @Override
        @SuppressWarnings("unchecked") // each key is of one delete file's position deletes
        protected <V> V getOrLoad(String key, Supplier<V> load, long size) {
            return (V) kept.computeIfAbsent(key, absent -> load.get());
        }
    }
}
