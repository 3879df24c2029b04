package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.types.Types.NestedField;

/// The deletes of one data file: a bit per deleted position, and sets of values. Iceberg reads the delete files, in
/// whatever format they are; a delete that is not understood is refused. Thread-safe.
final class FileDeletes {
    private final long[] deletedPositions;
    private final List<EqualityDeletes> equalities;

    private FileDeletes(long[] deletedPositions, List<EqualityDeletes> equalities) {
        this.deletedPositions = deletedPositions;
        this.equalities = equalities;
    }

    static FileDeletes load(PinnedTable table, PlannedFile file, long rows) {
        if (file.deletes().isEmpty()) {
            return new FileDeletes(new long[0], List.of());
        }
        BaseDeleteLoader loader = new BaseDeleteLoader(delete -> table.io().newInputFile(delete));
        List<DeleteFile> byPosition = new ArrayList<>();
        Map<String, List<DeleteFile>> byEquality = new TreeMap<>();
        for (DeleteFile delete : file.deletes()) {
            if (delete.content() == FileContent.POSITION_DELETES) {
                byPosition.add(delete);
            } else if (delete.content() == FileContent.EQUALITY_DELETES) {
                byEquality
                        .computeIfAbsent(new TreeSet<>(delete.equalityFieldIds()).toString(), ids -> new ArrayList<>())
                        .add(delete);
            } else {
                throw refused(file, "delete file %s is of kind %s".formatted(delete.location(), delete.content()));
            }
        }
        List<EqualityDeletes> equalities = new ArrayList<>();
        for (List<DeleteFile> deletes : byEquality.values()) {
            List<NestedField> fields =
                    fields(table, file, Set.copyOf(deletes.getFirst().equalityFieldIds()));
            equalities.add(new EqualityDeletes(fields, loader.loadEqualityDeletes(deletes, new Schema(fields))));
        }
        return new FileDeletes(byPosition.isEmpty() ? new long[0] : mask(loader, byPosition, file, rows), equalities);
    }

    private static long[] mask(BaseDeleteLoader loader, List<DeleteFile> deletes, PlannedFile file, long rows) {
        PositionDeleteIndex index = loader.loadPositionDeletes(deletes, file.location());
        if (index.isEmpty()) {
            return new long[0];
        }
        long[] mask = new long[Math.toIntExact((rows + 63) >>> 6)];
        index.forEach(position -> {
            if (position >= 0 && position < rows) {
                mask[(int) (position >>> 6)] |= 1L << position;
            }
        });
        return mask;
    }

    /// The delete's columns in the pinned schema, or where they were dropped since, in the newest schema that had them.
    private static List<NestedField> fields(PinnedTable table, PlannedFile file, Set<Integer> ids) {
        List<NestedField> fields = new ArrayList<>();
        for (int id : new TreeSet<>(ids)) {
            NestedField field = topLevel(table.schema(), id);
            if (field == null) {
                field = table.iceberg().schemas().values().stream()
                        .sorted(Comparator.comparingInt(Schema::schemaId).reversed())
                        .map(schema -> topLevel(schema, id))
                        .filter(found -> found != null)
                        .findFirst()
                        .orElseThrow(() -> refused(
                                file, "an equality delete by field %d, which is no top-level column".formatted(id)));
            }
            if (!field.type().isPrimitiveType()) {
                throw refused(file, "an equality delete by %s of type %s".formatted(field.name(), field.type()));
            }
            fields.add(field);
        }
        return fields;
    }

    private static @org.jspecify.annotations.Nullable NestedField topLevel(Schema schema, int id) {
        for (NestedField field : schema.columns()) {
            if (field.fieldId() == id) {
                return field;
            }
        }
        return null;
    }

    private static LakeRejection refused(PlannedFile file, String why) {
        return new LakeRejection(LakeCode.UNSUPPORTED_TABLE, "[%s] %s".formatted(file.location(), why));
    }

    List<EqualityDeletes> equalities() {
        return equalities;
    }

    boolean isEmpty() {
        return deletedPositions.length == 0 && equalities.isEmpty();
    }

    /// Marks rows `position` and following that a position delete or deletion vector hides.
    void markPositions(long position, int size, boolean[] deleted) {
        if (deletedPositions.length == 0) {
            return;
        }
        for (int i = 0; i < size; i++) {
            long at = position + i;
            if ((deletedPositions[(int) (at >>> 6)] & (1L << at)) != 0) {
                deleted[i] = true;
            }
        }
    }
}
