package dev.firn.lake.parquet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Schema;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/// Derives Iceberg types for a file that belongs to no table, without loss: unsigned integers widen, nanoseconds stay,
/// types that Iceberg lacks are rejected.
final class ForeignSchema {
    private static final int MAX_PRECISION = 38;

    private ForeignSchema() {}

    /// The same schema with an id for every field, top-level fields first.
    static MessageType withIds(MessageType schema) {
        AtomicInteger next = new AtomicInteger(schema.getFieldCount() + 1);
        List<Type> fields = new ArrayList<>();
        for (int i = 0; i < schema.getFieldCount(); i++) {
            fields.add(withIds(schema.getType(i), i + 1, next));
        }
        return new MessageType(schema.getName(), fields);
    }

    private static Type withIds(Type type, int id, AtomicInteger next) {
        if (type.isPrimitive()) {
            return type.withId(id);
        }
        GroupType group = type.asGroupType();
        List<Type> fields = new ArrayList<>();
        for (Type field : group.getFields()) {
            fields.add(withIds(field, next.getAndIncrement(), next));
        }
        return group.withNewFields(fields).withId(id);
    }

    /// @param keep names of the columns that are needed
    static Schema schema(MessageType withIds, Collection<String> keep) {
        Set<String> kept = Set.copyOf(keep);
        List<NestedField> fields = new ArrayList<>();
        for (Type type : withIds.getFields()) {
            if (!kept.contains(type.getName())) {
                continue;
            }
            int id = type.getId().intValue();
            fields.add(
                    type.isRepetition(Repetition.REQUIRED)
                            ? NestedField.required(id, type.getName(), typeOf(withIds, type))
                            : NestedField.optional(id, type.getName(), typeOf(withIds, type)));
        }
        try {
            return new Schema(fields);
        } catch (ValidationException e) {
            // Parquet allows two columns of one name
            throw new UnreadableColumnException("two columns have the same name: " + e.getMessage());
        }
    }

    private static org.apache.iceberg.types.Type typeOf(MessageType schema, Type type) {
        org.apache.iceberg.types.Type found;
        if (type.isPrimitive() && !type.isRepetition(Repetition.REPEATED)) {
            found = primitive(type.asPrimitiveType());
        } else {
            found = nested(schema, type);
        }
        if (found == null) {
            throw unsupported(type, null);
        }
        return found;
    }

    private static org.apache.iceberg.types.Type nested(MessageType schema, Type type) {
        try {
            org.apache.iceberg.types.Type found = ParquetSchemaUtil.convert(new MessageType(schema.getName(), type))
                    .columns()
                    .getFirst()
                    .type();
            NestedFit.check(type.getName(), found, type);
            return found;
        } catch (RuntimeException e) {
            throw unsupported(type, e);
        }
    }

    private static UnreadableColumnException unsupported(Type type, @Nullable RuntimeException cause) {
        return new UnreadableColumnException(
                "column '%s' has a type that a result cannot hold (%s%s); name the columns to keep in 'columns', without it"
                        .formatted(
                                type.getName(),
                                type.toString().replaceAll(" = [0-9]+", "").replaceAll("\\s+", " "),
                                cause instanceof UnreadableColumnException ? ": " + cause.getMessage() : ""));
    }

    private static org.apache.iceberg.types.@Nullable Type primitive(PrimitiveType type) {
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        if (NestedFit.isOfNullsOnly(logical)) {
            return Types.IntegerType.get();
        }
        if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
            return decimal.getPrecision() > MAX_PRECISION || decimal.getScale() < 0
                    ? null
                    : Types.DecimalType.of(decimal.getPrecision(), decimal.getScale());
        }
        return switch (type.getPrimitiveTypeName()) {
            case BOOLEAN -> Types.BooleanType.get();
            case FLOAT -> Types.FloatType.get();
            case DOUBLE -> Types.DoubleType.get();
            case INT96 -> Types.TimestampType.withZone();
            case INT32 -> int32(logical);
            case INT64 -> int64(logical);
            case BINARY ->
                logical == null || logical instanceof LogicalTypeAnnotation.BsonLogicalTypeAnnotation
                        ? Types.BinaryType.get()
                        : isText(logical) ? Types.StringType.get() : null;
            case FIXED_LEN_BYTE_ARRAY -> fixed(type, logical);
        };
    }

    private static boolean isText(LogicalTypeAnnotation logical) {
        return logical instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation
                || logical instanceof LogicalTypeAnnotation.EnumLogicalTypeAnnotation
                || logical instanceof LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
    }

    private static org.apache.iceberg.types.@Nullable Type int32(@Nullable LogicalTypeAnnotation logical) {
        return switch (logical) {
            case null -> Types.IntegerType.get();
            case IntLogicalTypeAnnotation of ->
                of.isSigned() || of.getBitWidth() < 32 ? Types.IntegerType.get() : Types.LongType.get();
            case LogicalTypeAnnotation.DateLogicalTypeAnnotation _ -> Types.DateType.get();
            case TimeLogicalTypeAnnotation _ -> Types.TimeType.get();
            default -> null;
        };
    }

    private static org.apache.iceberg.types.@Nullable Type int64(@Nullable LogicalTypeAnnotation logical) {
        return switch (logical) {
            case null -> Types.LongType.get();
            case IntLogicalTypeAnnotation of -> of.isSigned() ? Types.LongType.get() : Types.DecimalType.of(20, 0);
            case TimeLogicalTypeAnnotation of -> of.getUnit() == TimeUnit.MICROS ? Types.TimeType.get() : null;
            case TimestampLogicalTypeAnnotation of ->
                of.getUnit() == TimeUnit.NANOS
                        ? of.isAdjustedToUTC()
                                ? Types.TimestampNanoType.withZone()
                                : Types.TimestampNanoType.withoutZone()
                        : of.isAdjustedToUTC() ? Types.TimestampType.withZone() : Types.TimestampType.withoutZone();
            default -> null;
        };
    }

    private static org.apache.iceberg.types.@Nullable Type fixed(
            PrimitiveType type, @Nullable LogicalTypeAnnotation logical) {
        return switch (logical) {
            case null -> Types.FixedType.ofLength(type.getTypeLength());
            case UUIDLogicalTypeAnnotation _ -> Types.UUIDType.get();
            case Float16LogicalTypeAnnotation _ -> Types.FloatType.get();
            default -> null;
        };
    }
}
