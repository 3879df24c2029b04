package dev.firn.lake.scan;

import dev.firn.engine.BooleanColumn;
import dev.firn.engine.Column;
import dev.firn.engine.IntColumn;
import dev.firn.engine.KeyOrder;
import dev.firn.engine.LongColumn;
import dev.firn.engine.TimeScale;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeRejection;
import org.apache.iceberg.types.Type;

/// How the engine holds Iceberg's types as keys and as times.
public final class KeyTypes {
    private KeyTypes() {}

    /// Throws for a type that cannot be a key.
    public static KeyOrder orderOf(Type type) {
        return switch (type.typeId()) {
            case BOOLEAN, INTEGER, LONG, DATE, TIME, TIMESTAMP, TIMESTAMP_NANO -> KeyOrder.LONG;
            case STRING, BINARY, FIXED, UUID -> KeyOrder.UNSIGNED_BYTES;
            case DECIMAL -> KeyOrder.SIGNED_NUMBER;
            case FLOAT, DOUBLE, STRUCT, LIST, MAP, VARIANT, UNKNOWN, GEOMETRY, GEOGRAPHY ->
                throw new LakeRejection(LakeCode.UNSUPPORTED_TABLE, "type " + type + " cannot be a key");
        };
    }

    /// Throws for a type that cannot be a timestamp.
    public static TimeScale scaleOf(Type type) {
        return switch (type.typeId()) {
            case DATE -> TimeScale.DAYS;
            case TIMESTAMP -> TimeScale.MICROS;
            case TIMESTAMP_NANO -> TimeScale.NANOS;
            case BOOLEAN,
                    INTEGER,
                    LONG,
                    FLOAT,
                    DOUBLE,
                    TIME,
                    STRING,
                    UUID,
                    FIXED,
                    BINARY,
                    DECIMAL,
                    STRUCT,
                    LIST,
                    MAP,
                    VARIANT,
                    UNKNOWN,
                    GEOMETRY,
                    GEOGRAPHY ->
                throw new LakeRejection(LakeCode.UNSUPPORTED_TABLE, "type " + type + " cannot be a timestamp");
        };
    }

    /// Converts a column to the form in which the engine holds keys: integers, dates and booleans are widened to
    /// longs, other types stay.
    public static Column normalised(Column column) {
        return switch (column) {
            case IntColumn ints -> new LongColumn(longs(ints), ints.size(), ints.nulls());
            case BooleanColumn booleans -> {
                long[] values = new long[booleans.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = booleans.values()[i] ? 1 : 0;
                }
                yield new LongColumn(values, values.length, booleans.nulls());
            }
            default -> column;
        };
    }

    static long[] longs(IntColumn ints) {
        long[] values = new long[ints.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = ints.values()[i];
        }
        return values;
    }
}
