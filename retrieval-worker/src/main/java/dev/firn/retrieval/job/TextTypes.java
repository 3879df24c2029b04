package dev.firn.retrieval.job;

import dev.firn.lake.catalog.Dtype;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// The Iceberg type of a text column that has a dtype in the request.
final class TextTypes {
    private TextTypes() {}

    /// @throws IllegalArgumentException for lists, maps and structs
    static Type of(Dtype dtype) {
        return switch (dtype) {
            case Dtype.Plain plain -> of(plain);
            case Dtype.Decimal decimal -> Types.DecimalType.of(decimal.precision(), decimal.scale());
            case Dtype.ListOf _, Dtype.MapOf _, Dtype.StructOf _ ->
                throw new IllegalArgumentException("lists, maps and structs cannot be parsed from text");
        };
    }

    private static Type of(Dtype.Plain plain) {
        return switch (plain) {
            case BOOL -> Types.BooleanType.get();
            case INT32 -> Types.IntegerType.get();
            case INT64 -> Types.LongType.get();
            case FLOAT32 -> Types.FloatType.get();
            case FLOAT64 -> Types.DoubleType.get();
            case STRING -> Types.StringType.get();
            case BYTES -> Types.BinaryType.get();
            case DATE -> Types.DateType.get();
            case TIME -> Types.TimeType.get();
            case TIMESTAMP -> Types.TimestampType.withoutZone();
            case TIMESTAMPTZ -> Types.TimestampType.withZone();
            case TIMESTAMP_NS -> Types.TimestampNanoType.withoutZone();
            case TIMESTAMPTZ_NS -> Types.TimestampNanoType.withZone();
            case UUID -> Types.UUIDType.get();
        };
    }
}
