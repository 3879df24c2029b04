package dev.firn.lake.parquet;

import java.util.Optional;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/// Checks a list, map or struct of a file before Iceberg's reader reads it. That reader takes a field without an id for
/// one that the file does not have, and cuts what does not fit the table's type. Throws [UnreadableColumnException]
/// that names the field.
final class NestedFit {
    private NestedFit() {}

    /// @param name of the column, for messages
    /// @param inFile with field ids where the file or a name mapping has them
    static void check(String name, Type wanted, org.apache.parquet.schema.Type inFile) {
        switch (wanted.typeId()) {
            case STRUCT -> struct(name, wanted.asStructType(), group(name, wanted, inFile));
            case LIST -> {
                GroupType list = repeated(name, wanted, inFile, 1);
                Types.ListType type = wanted.asListType();
                part(name + ".element", type.elementId(), type.elementType(), element(name, list));
            }
            case MAP -> {
                GroupType entries = repeated(name, wanted, inFile, 2).getType(0).asGroupType();
                Types.MapType type = wanted.asMapType();
                part(name + ".key", type.keyId(), type.keyType(), entries.getType(0));
                part(name + ".value", type.valueId(), type.valueType(), entries.getType(1));
            }
            default -> primitive(name, wanted, inFile);
        }
    }

    /// Like [#check], but a top-level time may also be in nanoseconds or an INT96.
    static void checkTopLevel(String name, Type wanted, org.apache.parquet.schema.Type inFile) {
        boolean isExempt = isOfNullsOnly(inFile.getLogicalTypeAnnotation())
                || (wanted.typeId() == Type.TypeID.TIMESTAMP && inFile.isPrimitive() && isFineTime(inFile));
        if (!isExempt) {
            check(name, wanted, inFile);
        }
    }

    private static boolean isFineTime(org.apache.parquet.schema.Type inFile) {
        return isInt96(inFile)
                || (inFile.getLogicalTypeAnnotation() instanceof TimestampLogicalTypeAnnotation at
                        && at.getUnit() == TimeUnit.NANOS);
    }

    private static boolean isInt96(org.apache.parquet.schema.Type inFile) {
        return inFile.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT96;
    }

    private static org.apache.parquet.schema.Type element(String name, GroupType list) {
        org.apache.parquet.schema.Type element = ParquetSchemaUtil.determineListElementType(list);
        if (element == null) {
            throw new UnreadableColumnException("column %s is a list without elements".formatted(name));
        }
        return element;
    }

    private static GroupType group(String name, Type wanted, org.apache.parquet.schema.Type inFile) {
        if (inFile.isPrimitive()) {
            throw unreadable(name, inFile, wanted);
        }
        return inFile.asGroupType();
    }

    /// @param parts 1 for a list, 2 for a map
    private static GroupType repeated(String name, Type wanted, org.apache.parquet.schema.Type inFile, int parts) {
        GroupType group = group(name, wanted, inFile);
        boolean isRepeated = group.getFieldCount() == 1
                && group.getType(0).isRepetition(org.apache.parquet.schema.Type.Repetition.REPEATED);
        if (!isRepeated
                || (parts == 2
                        && (group.getType(0).isPrimitive()
                                || group.getType(0).asGroupType().getFieldCount() != parts))) {
            throw unreadable(name, inFile, wanted);
        }
        return group;
    }

    private static void struct(String name, Types.StructType wanted, GroupType group) {
        for (Types.NestedField field : wanted.fields()) {
            org.apache.parquet.schema.Type found = null;
            boolean hasFieldsWithoutIds = false;
            for (org.apache.parquet.schema.Type child : group.getFields()) {
                hasFieldsWithoutIds |= child.getId() == null;
                if (child.getId() != null && child.getId().intValue() == field.fieldId()) {
                    found = child;
                }
            }
            if (found != null) {
                check(name + "." + field.name(), field.type(), found);
            } else if (hasFieldsWithoutIds) {
                throw withoutId(name + "." + field.name());
            }
        }
    }

    private static void part(String name, int id, Type wanted, org.apache.parquet.schema.Type inFile) {
        if (inFile.getId() == null || inFile.getId().intValue() != id) {
            throw withoutId(name);
        }
        check(name, wanted, inFile);
    }

    private static void primitive(String name, Type wanted, org.apache.parquet.schema.Type inFile) {
        if (!inFile.isPrimitive() || !wanted.isPrimitiveType()) {
            throw unreadable(name, inFile, wanted);
        }
        // Iceberg's reader takes every INT96 for a time with a zone
        if (isInt96(inFile) && wanted instanceof Types.TimestampType time && !time.shouldAdjustToUTC()) {
            throw unreadable(name, inFile, wanted);
        }
        Optional<Conversion> conversion = Conversions.between(inFile.asPrimitiveType(), wanted.asPrimitiveType());
        if (!conversion.map(NestedFit::isReadExactly).orElse(false)) {
            throw unreadable(name, inFile, wanted);
        }
    }

    /// Whether Iceberg's reader does the conversion, and without loss.
    private static boolean isReadExactly(Conversion conversion) {
        return switch (conversion) {
            case NONE,
                    INT_TO_LONG,
                    INT_TO_DECIMAL,
                    LONG_TO_DECIMAL,
                    BYTES_TO_DECIMAL,
                    FLOAT_TO_DOUBLE,
                    INT_MILLIS_TO_MICROS,
                    MILLIS_TO_MICROS -> true;
            case UINT_TO_LONG, ULONG_TO_DECIMAL, HALF_TO_FLOAT, NANOS_TO_MICROS -> false;
        };
    }

    /// Whether the writer knew that the column has nulls only and gave it no type (PyArrow's and Polars' null).
    static boolean isOfNullsOnly(@Nullable LogicalTypeAnnotation logical) {
        return logical instanceof LogicalTypeAnnotation.UnknownLogicalTypeAnnotation;
    }

    static UnreadableColumnException withoutId(String name) {
        return new UnreadableColumnException(
                "column %s has no field id in the file, and the table's name mapping (property %s) does not name it"
                        .formatted(name, org.apache.iceberg.TableProperties.DEFAULT_NAME_MAPPING));
    }

    private static UnreadableColumnException unreadable(
            String name, org.apache.parquet.schema.Type inFile, Type wanted) {
        return new UnreadableColumnException("column %s has type %s, which cannot be read as %s"
                .formatted(name, inFile.isPrimitive() ? inFile : "a group", wanted));
    }
}
