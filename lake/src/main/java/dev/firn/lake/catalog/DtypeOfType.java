package dev.firn.lake.catalog;

import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// The dtype that describes an Iceberg type, for messages that suggest the right one.
final class DtypeOfType {
    private DtypeOfType() {}

    static Dtype of(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN -> Dtype.Plain.BOOL;
            case INTEGER -> Dtype.Plain.INT32;
            case LONG -> Dtype.Plain.INT64;
            case FLOAT -> Dtype.Plain.FLOAT32;
            case DOUBLE -> Dtype.Plain.FLOAT64;
            case STRING -> Dtype.Plain.STRING;
            case BINARY, FIXED -> Dtype.Plain.BYTES;
            case DATE -> Dtype.Plain.DATE;
            case TIME -> Dtype.Plain.TIME;
            case UUID -> Dtype.Plain.UUID;
            case TIMESTAMP ->
                ((Types.TimestampType) type).shouldAdjustToUTC() ? Dtype.Plain.TIMESTAMPTZ : Dtype.Plain.TIMESTAMP;
            case TIMESTAMP_NANO ->
                ((Types.TimestampNanoType) type).shouldAdjustToUTC()
                        ? Dtype.Plain.TIMESTAMPTZ_NS
                        : Dtype.Plain.TIMESTAMP_NS;
            case DECIMAL -> {
                Types.DecimalType decimal = (Types.DecimalType) type;
                yield new Dtype.Decimal(decimal.precision(), decimal.scale());
            }
            case LIST -> new Dtype.ListOf(of(type.asListType().elementType()));
            case MAP ->
                new Dtype.MapOf(
                        of(type.asMapType().keyType()), of(type.asMapType().valueType()));
            case STRUCT ->
                new Dtype.StructOf(type.asStructType().fields().stream()
                        .map(field -> new Dtype.StructOf.Field(field.name(), of(field.type())))
                        .toList());
            case VARIANT, GEOMETRY, GEOGRAPHY, UNKNOWN ->
                throw new IllegalArgumentException(type + " cannot be a feature");
        };
    }
}
