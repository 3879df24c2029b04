package dev.firn.lake.parquet;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;

/// The columns of a file by field id: the file's own ids, and those of a name mapping for columns without one; never by
/// position.
public final class FileSchema {
    private final MessageType schema;
    private final boolean isMapped;

    private FileSchema(MessageType schema, boolean isMapped) {
        this.schema = schema;
        this.isMapped = isMapped;
    }

    /// Empty if the file has no ids and there is no mapping.
    public static Optional<FileSchema> of(ParquetFile file, Optional<NameMapping> mapping) {
        MessageType schema = file.schema();
        boolean hasIds = ParquetSchemaUtil.hasIds(schema);
        if (!hasIds && mapping.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new FileSchema(FieldIds.complete(schema, mapping.orElseGet(NameMapping::empty)), !hasIds));
    }

    /// A schema that already has ids.
    static FileSchema ofIds(MessageType schema) {
        return new FileSchema(schema, false);
    }

    /// Whether all ids come from a name mapping; then a partition value takes precedence over the file's column.
    public boolean isMapped() {
        return isMapped;
    }

    /// The column of a top-level field or of a primitive field within structs, if the file has it. Throws
    /// [UnreadableColumnException] if the file's type cannot be converted to the field's.
    public Optional<FileColumn> find(NestedField field) {
        return find(field, List.of());
    }

    /// Like [#find(NestedField)], for a field within structs.
    ///
    /// @param structs ids of the structs that hold the field, from the outermost
    public Optional<FileColumn> find(NestedField field, List<Integer> structs) {
        Optional<FileColumn> found = find(field, schema, List.of());
        if (found.isEmpty()
                && group(structs)
                        .filter(group -> hasFieldWithoutId(group, field.name()))
                        .isPresent()) {
            throw NestedFit.withoutId(field.name());
        }
        return found;
    }

    private Optional<GroupType> group(List<Integer> structs) {
        Optional<GroupType> group = Optional.of(schema);
        for (int id : structs) {
            group = group.flatMap(outer -> child(outer, id))
                    .filter(type -> !type.isPrimitive())
                    .map(Type::asGroupType);
        }
        return group;
    }

    private static Optional<Type> child(GroupType group, int id) {
        return group.getFields().stream()
                .filter(type -> type.getId() != null && type.getId().intValue() == id)
                .findFirst();
    }

    /// Checks that Iceberg's reader finds all columns that the file has, and reads them exactly.
    void check(Schema projection) {
        for (NestedField field : projection.columns()) {
            Optional<Type> found = child(schema, field.fieldId());
            if (found.isEmpty() && hasFieldWithoutId(schema, field.name())) {
                throw NestedFit.withoutId(field.name());
            }
            if (found.isPresent()) {
                NestedFit.checkTopLevel(field.name(), field.type(), found.get());
            }
        }
    }

    /// Then only the name says that the file has the field.
    private static boolean hasFieldWithoutId(GroupType group, String name) {
        return group.getFields().stream()
                .anyMatch(type -> type.getId() == null && type.getName().equals(name));
    }

    private Optional<FileColumn> find(NestedField field, GroupType group, List<String> path) {
        for (Type type : group.getFields()) {
            List<String> own = new ArrayList<>(path);
            own.add(type.getName());
            if (type.getId() != null && type.getId().intValue() == field.fieldId()) {
                return Optional.of(bind(field, type, own));
            }
            if (isStruct(type) && field.type().isPrimitiveType()) {
                Optional<FileColumn> within = find(field, type.asGroupType(), own);
                if (within.isPresent()) {
                    return within;
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isStruct(Type type) {
        return !type.isPrimitive()
                && !type.isRepetition(Repetition.REPEATED)
                && type.getLogicalTypeAnnotation() == null;
    }

    private FileColumn bind(NestedField field, Type type, List<String> path) {
        if (NestedFit.isOfNullsOnly(type.getLogicalTypeAnnotation())) {
            return new FileColumn.Constant(field, null);
        }
        if (!field.type().isPrimitiveType()) {
            NestedFit.check(field.name(), field.type(), type);
            Schema projection = new Schema(asOptional(field));
            return new FileColumn.Nested(field, projection, prune(type, projection));
        }
        if (!type.isPrimitive() || type.isRepetition(Repetition.REPEATED)) {
            throw new UnreadableColumnException(
                    "column %s has type %s, expected %s".formatted(field.name(), type, field.type()));
        }
        ColumnDescriptor descriptor = schema.getColumnDescription(path.toArray(String[]::new));
        return new FileColumn.Leaf(
                field,
                descriptor,
                Conversions.between(descriptor.getPrimitiveType(), field.type().asPrimitiveType())
                        .orElseThrow(
                                () -> new UnreadableColumnException("column %s has type %s, which cannot be read as %s"
                                        .formatted(field.name(), type, field.type()))));
    }

    /// What the projection needs of its column. Other columns may be of types that Iceberg cannot look at.
    private MessageType prune(Type type, Schema projection) {
        return ParquetSchemaUtil.pruneColumns(new MessageType(schema.getName(), type), projection);
    }

    /// The columns of the projection.
    MessageType columns(Schema projection) {
        return new MessageType(
                schema.getName(),
                projection.columns().stream()
                        .flatMap(field -> child(schema, field.fieldId()).stream())
                        .toList());
    }

    /// Reads the field as optional, since a file may lack a field that the schema requires.
    private static NestedField asOptional(NestedField field) {
        return NestedField.from(field).asOptional().build();
    }
}
