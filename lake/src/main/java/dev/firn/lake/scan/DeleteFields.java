package dev.firn.lake.scan;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import dev.firn.lake.catalog.PinnedTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;

/// The primitive fields that an equality delete compares, at the top level or within structs.
///
/// @param projection the same fields, within the structs that contain them
record DeleteFields(List<NestedField> fields, Schema projection) {
    DeleteFields {
        fields = List.copyOf(fields);
    }

    /// Looks the fields up in the pinned schema or, if they were dropped since, in the newest schema that has them.
    static DeleteFields of(PinnedTable table, Set<Integer> ids) {
        List<NestedField> fields = new ArrayList<>();
        List<NestedField> projected = new ArrayList<>();
        Set<Integer> roots = new HashSet<>();
        for (int id : ids) {
            Schema schema = newestFirst(table)
                    .filter(candidate -> candidate.findField(id) != null)
                    .findFirst()
                    .orElseThrow(() -> refused(
                            table, "an equality delete compares field %d, which is in no schema".formatted(id)));
            NestedField field = schema.findField(id);
            if (!field.type().isPrimitiveType() || schema.accessorForField(id) == null) {
                throw refused(
                        table,
                        "equality deletes by %s of type %s are not supported"
                                .formatted(schema.findColumnName(id), field.type()));
            }
            boolean nested = schema.columns().stream().noneMatch(column -> column.fieldId() == id);
            if (nested && field.initialDefault() != null) {
                throw refused(
                        table,
                        "equality deletes by %s are not supported: it has a default within a struct"
                                .formatted(schema.findColumnName(id)));
            }
            fields.add(field);
            for (NestedField root : TypeUtil.select(schema, ids).columns()) {
                if (roots.add(root.fieldId())) {
                    projected.add(root);
                }
            }
        }
        return new DeleteFields(fields, new Schema(projected));
    }

    private static Stream<Schema> newestFirst(PinnedTable table) {
        return Stream.concat(
                Stream.of(table.schema()),
                table.iceberg().schemas().values().stream()
                        .sorted(Comparator.comparingInt(Schema::schemaId).reversed()));
    }

    static LakeRejection refused(PinnedTable table, String why) {
        return new LakeRejection(
                LakeCode.UNSUPPORTED_TABLE,
                "[%s snapshot %d] %s".formatted(table.pin().table(), table.pin().snapshotId(), why));
    }
}
