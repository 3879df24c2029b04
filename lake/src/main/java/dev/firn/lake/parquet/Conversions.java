package dev.firn.lake.parquet;

import java.util.Optional;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/// Finds the [Conversion] from a file's type to a column's type, including Iceberg's promotions; empty if there is
/// none.
final class Conversions {
    private Conversions() {}

    static Optional<Conversion> between(PrimitiveType file, Type.PrimitiveType wanted) {
        PrimitiveTypeName physical = file.getPrimitiveTypeName();
        LogicalTypeAnnotation logical = file.getLogicalTypeAnnotation();
        Conversion conversion =
                switch (wanted.typeId()) {
                    case BOOLEAN -> only(physical == PrimitiveTypeName.BOOLEAN);
                    case INTEGER -> only(physical == PrimitiveTypeName.INT32 && isInteger(logical));
                    case LONG -> toLong(physical, logical);
                    case FLOAT -> toFloat(file);
                    case DOUBLE -> toDouble(physical);
                    case DATE -> only(physical == PrimitiveTypeName.INT32);
                    case TIME -> toTime(physical, logical);
                    case TIMESTAMP -> toTimestamp(physical, logical);
                    case TIMESTAMP_NANO ->
                        only(physical == PrimitiveTypeName.INT64
                                && (logical == null
                                        || (logical instanceof TimestampLogicalTypeAnnotation at
                                                && at.getUnit() == TimeUnit.NANOS)));
                    case STRING -> only(physical == PrimitiveTypeName.BINARY && !isDecimal(logical));
                    case BINARY -> only(isBytes(physical) && !isDecimal(logical));
                    case FIXED -> only(isFixed(file, ((Types.FixedType) wanted).length()) && !isDecimal(logical));
                    case UUID -> only(isFixed(file, 16));
                    case DECIMAL -> toDecimal(file, (Types.DecimalType) wanted);
                    case STRUCT, LIST, MAP, VARIANT, UNKNOWN, GEOMETRY, GEOGRAPHY -> null;
                };
        return Optional.ofNullable(conversion);
    }

    private static @Nullable Conversion only(boolean fits) {
        return fits ? Conversion.NONE : null;
    }

    private static boolean isInteger(@Nullable LogicalTypeAnnotation logical) {
        return logical == null
                || (logical instanceof IntLogicalTypeAnnotation of && (of.isSigned() || of.getBitWidth() < 32));
    }

    private static boolean isDecimal(@Nullable LogicalTypeAnnotation logical) {
        return logical instanceof DecimalLogicalTypeAnnotation;
    }

    private static boolean isBytes(PrimitiveTypeName physical) {
        return physical == PrimitiveTypeName.BINARY || physical == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
    }

    private static boolean isFixed(PrimitiveType file, int length) {
        return file.getPrimitiveTypeName() == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY && file.getTypeLength() == length;
    }

    private static @Nullable Conversion toLong(PrimitiveTypeName physical, @Nullable LogicalTypeAnnotation logical) {
        if (physical == PrimitiveTypeName.INT32) {
            if (logical instanceof IntLogicalTypeAnnotation of && !of.isSigned() && of.getBitWidth() == 32) {
                return Conversion.UINT_TO_LONG;
            }
            return isInteger(logical) ? Conversion.INT_TO_LONG : null;
        }
        return only(physical == PrimitiveTypeName.INT64
                && (logical == null || (logical instanceof IntLogicalTypeAnnotation of && of.isSigned())));
    }

    private static @Nullable Conversion toFloat(PrimitiveType file) {
        if (file.getLogicalTypeAnnotation() instanceof Float16LogicalTypeAnnotation) {
            return Conversion.HALF_TO_FLOAT;
        }
        return only(file.getPrimitiveTypeName() == PrimitiveTypeName.FLOAT);
    }

    private static @Nullable Conversion toDouble(PrimitiveTypeName physical) {
        return physical == PrimitiveTypeName.FLOAT
                ? Conversion.FLOAT_TO_DOUBLE
                : only(physical == PrimitiveTypeName.DOUBLE);
    }

    private static @Nullable Conversion toTime(PrimitiveTypeName physical, @Nullable LogicalTypeAnnotation logical) {
        TimeUnit unit = logical instanceof TimeLogicalTypeAnnotation time ? time.getUnit() : null;
        if (physical == PrimitiveTypeName.INT32) {
            return unit == TimeUnit.MILLIS ? Conversion.INT_MILLIS_TO_MICROS : null;
        }
        return only(physical == PrimitiveTypeName.INT64 && (logical == null || unit == TimeUnit.MICROS));
    }

    private static @Nullable Conversion toTimestamp(
            PrimitiveTypeName physical, @Nullable LogicalTypeAnnotation logical) {
        if (physical == PrimitiveTypeName.INT96) {
            return Conversion.NONE;
        }
        if (physical != PrimitiveTypeName.INT64) {
            return null;
        }
        if (logical == null) {
            return Conversion.NONE;
        }
        return logical instanceof TimestampLogicalTypeAnnotation at
                ? switch (at.getUnit()) {
                    case MICROS -> Conversion.NONE;
                    case MILLIS -> Conversion.MILLIS_TO_MICROS;
                    case NANOS -> Conversion.NANOS_TO_MICROS;
                }
                : null;
    }

    private static @Nullable Conversion toDecimal(PrimitiveType file, Types.DecimalType wanted) {
        if (file.getLogicalTypeAnnotation() instanceof IntLogicalTypeAnnotation of
                && !of.isSigned()
                && of.getBitWidth() == 64) {
            return wanted.scale() == 0 && wanted.precision() >= 20 ? Conversion.ULONG_TO_DECIMAL : null;
        }
        if (!(file.getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation of)
                || of.getScale() != wanted.scale()
                || of.getPrecision() > wanted.precision()) {
            return null;
        }
        return switch (file.getPrimitiveTypeName()) {
            case INT32 -> Conversion.INT_TO_DECIMAL;
            case INT64 -> Conversion.LONG_TO_DECIMAL;
            case BINARY, FIXED_LEN_BYTE_ARRAY -> Conversion.BYTES_TO_DECIMAL;
            case BOOLEAN, FLOAT, DOUBLE, INT96 -> null;
        };
    }
}
