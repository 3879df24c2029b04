package dev.firn.lake.parquet;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.mapping.MappedField;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/// Gives the columns of a file that have no field id the id of a table's name mapping, at every level. Some
/// writers give ids to top-level columns only. Iceberg's own mapping is for files without any id.
final class FieldIds {
    private final NameMapping mapping;

    private FieldIds(NameMapping mapping) {
        this.mapping = mapping;
    }

    /// The same columns; ids of the file's own stay.
    static MessageType complete(MessageType schema, NameMapping mapping) {
        FieldIds ids = new FieldIds(mapping);
        return new MessageType(schema.getName(), ids.fields(schema, List.of()));
    }

    private List<Type> fields(GroupType group, List<String> path) {
        return group.getFields().stream()
                .map(field -> complete(field, with(path, field.getName())))
                .toList();
    }

    private Type complete(Type type, List<String> path) {
        Type inner = type.isPrimitive() ? type : group(type.asGroupType(), path);
        if (type.getId() != null) {
            return inner;
        }
        MappedField mapped = mapping.find(path);
        return mapped == null || mapped.id() == null ? inner : inner.withId(mapped.id());
    }

    /// Name mappings call the parts of lists and maps `element`, `key` and `value`, whatever the file calls them.
    private GroupType group(GroupType group, List<String> path) {
        LogicalTypeAnnotation logical = group.getLogicalTypeAnnotation();
        if (isRepeatedGroup(group) && logical instanceof LogicalTypeAnnotation.ListLogicalTypeAnnotation) {
            Type repeated = group.getType(0);
            Type element = ParquetSchemaUtil.determineListElementType(group);
            Type completed = complete(element, with(path, "element"));
            return group.withNewFields(
                    element.equals(repeated)
                            ? completed
                            : repeated.asGroupType().withNewFields(completed));
        }
        if (isRepeatedGroup(group)
                && logical instanceof LogicalTypeAnnotation.MapLogicalTypeAnnotation
                && group.getType(0).asGroupType().getFieldCount() == 2) {
            GroupType entries = group.getType(0).asGroupType();
            return group.withNewFields(entries.withNewFields(
                    complete(entries.getType(0), with(path, "key")),
                    complete(entries.getType(1), with(path, "value"))));
        }
        return group.withNewFields(fields(group, path));
    }

    private static boolean isRepeatedGroup(GroupType group) {
        return group.getFieldCount() == 1 && group.getType(0).isRepetition(Type.Repetition.REPEATED);
    }

    private static List<String> with(List<String> path, String name) {
        List<String> longer = new ArrayList<>(path);
        longer.add(name);
        return longer;
    }
}
