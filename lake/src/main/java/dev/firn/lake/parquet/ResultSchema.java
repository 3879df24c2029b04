package dev.firn.lake.parquet;

import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/// The Parquet schema of result files: Iceberg's conversion, but with the original names. Iceberg encodes names that
/// are not valid in Avro (`order-id` as `order_x2Did`) because it finds columns by field id; people find them by name.
final class ResultSchema {
    private static final String NAME = "result";

    private ResultSchema() {}

    static MessageType of(Schema schema) {
        Map<Integer, NestedField> fields = TypeUtil.indexById(schema.asStruct());
        MessageType converted = ParquetSchemaUtil.convert(schema, NAME);
        return new MessageType(
                NAME,
                converted.getFields().stream()
                        .map(field -> named(field, fields))
                        .toList());
    }

    private static Type named(Type type, Map<Integer, NestedField> fields) {
        NestedField field =
                type.getId() == null ? null : fields.get(type.getId().intValue());
        String name = field == null ? type.getName() : field.name();
        return type.isPrimitive() ? named(type.asPrimitiveType(), name) : named(type.asGroupType(), name, fields);
    }

    private static Type named(PrimitiveType type, String name) {
        var builder = Types.primitive(type.getPrimitiveTypeName(), type.getRepetition())
                .length(type.getTypeLength());
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        builder = logical == null ? builder : builder.as(logical);
        return (type.getId() == null ? builder : builder.id(type.getId().intValue())).named(name);
    }

    private static Type named(GroupType type, String name, Map<Integer, NestedField> fields) {
        var builder = Types.buildGroup(type.getRepetition())
                .addFields(type.getFields().stream()
                        .map(field -> named(field, fields))
                        .toArray(Type[]::new));
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        builder = logical == null ? builder : builder.as(logical);
        return (type.getId() == null ? builder : builder.id(type.getId().intValue())).named(name);
    }
}
