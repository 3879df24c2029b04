package dev.firn.lake.targets;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.ListType;
import org.apache.iceberg.types.Types.MapType;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// The columns of a table once it holds a result: those of the result, by name. Columns may come and types be widened;
/// no column is dropped. The field ids of a result count from 1, those of the table are its own.
///
/// @param evolves whether the table's schema has to change
/// @param ids from the field ids of the result to those of the table
record TargetColumns(boolean evolves, Map<Integer, Integer> ids) {
    private static final int PLAIN_FORMAT = 2;
    private static final int NANOSECOND_FORMAT = 3;

    TargetColumns {
        ids = Map.copyOf(ids);
    }

    /// Throws `TARGET_SCHEMA_CHANGED` if the table cannot hold the result.
    static TargetColumns of(Target target, Table table, Schema result) {
        if (table.spec().isPartitioned()) {
            throw changed(target, "is partitioned; Firn writes tables without partitions only", null);
        }
        Schema evolved;
        try {
            evolved = table.updateSchema().unionByNameWith(result).apply();
        } catch (IllegalArgumentException | IllegalStateException | ValidationException e) {
            throw changed(target, "cannot take the columns of the result: " + e.getMessage(), e);
        }
        if (TableUtil.formatVersion(table) < formatVersion(result)) {
            throw changed(target, "needs format version 3 for a column of the result", null);
        }
        Map<Integer, Integer> ids = new HashMap<>();
        new Pairing(target, ids).struct("", result.columns(), evolved.columns());
        return new TargetColumns(!evolved.sameSchema(table.schema()), ids);
    }

    /// The format version that a table with these columns needs.
    static int formatVersion(Schema schema) {
        try {
            Schema.checkCompatibility(schema, PLAIN_FORMAT);
            return PLAIN_FORMAT;
        } catch (IllegalStateException nanoseconds) {
            return NANOSECOND_FORMAT;
        }
    }

    private static LakeRejection changed(Target target, String what, @Nullable RuntimeException cause) {
        return new LakeRejection(
                LakeCode.TARGET_SCHEMA_CHANGED, "[" + target.table() + "] the target table " + what, null, cause);
    }

    /// Finds each field of the result in the table.
    private record Pairing(Target target, Map<Integer, Integer> ids) {
        void struct(String path, List<NestedField> from, List<NestedField> to) {
            Map<String, NestedField> named = new HashMap<>();
            from.forEach(field -> named.put(field.name(), field));
            for (NestedField field : to) {
                NestedField source = named.remove(field.name());
                if (source == null) {
                    throw changed(
                            target,
                            "has a column '%s%s', which the result does not have; drop the table or name another one"
                                    .formatted(path, field.name()),
                            null);
                }
                field(path + field.name(), source.fieldId(), source.type(), field.fieldId(), field.type());
            }
        }

        private void field(String path, int fromId, Type from, int toId, Type to) {
            ids.put(fromId, toId);
            if (from.isStructType() && to.isStructType()) {
                struct(
                        path + ".",
                        from.asStructType().fields(),
                        to.asStructType().fields());
            } else if (from.isListType() && to.isListType()) {
                ListType list = from.asListType();
                ListType wanted = to.asListType();
                field(
                        path + ".element",
                        list.elementId(),
                        list.elementType(),
                        wanted.elementId(),
                        wanted.elementType());
            } else if (from.isMapType() && to.isMapType()) {
                MapType map = from.asMapType();
                MapType wanted = to.asMapType();
                field(path + ".key", map.keyId(), map.keyType(), wanted.keyId(), wanted.keyType());
                field(path + ".value", map.valueId(), map.valueType(), wanted.valueId(), wanted.valueType());
            } else if (!from.isPrimitiveType()
                    || !to.isPrimitiveType()
                    || !TypeUtil.isPromotionAllowed(from, to.asPrimitiveType())) {
                throw changed(
                        target,
                        "has column '%s' of type %s, the result has %s; drop the table or name another one"
                                .formatted(path, to, from),
                        null);
            }
        }
    }
}
