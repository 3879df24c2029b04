package dev.firn.lake.scan;

import java.util.stream.Collectors;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// Trino's SQL for values of Iceberg's types: a few distinct values of each type, including nulls and unusual values.
final class TrinoValues {
    private TrinoValues() {}

    /// An expression over an integer.
    ///
    /// @param n a bigint in SQL, not negative
    /// @param salt makes columns differ
    static String of(Type type, String n, int salt) {
        String few = "mod((%s) * %d + %d, 60)".formatted(n, 2 * (salt % 28) + 7, salt);
        return "IF(mod((%s) + %d, 13) = 0, NULL, %s)".formatted(n, salt, present(type, few));
    }

    private static String present(Type type, String few) {
        String pattern =
                switch (type) {
                    case Types.BooleanType _ -> "mod(#, 2) = 0";
                    case Types.IntegerType _ -> "CAST(# - 10 AS integer)";
                    case Types.LongType _ -> "IF(mod(#, 20) = 0, -9223372036854775807 + #, # - 10)";
                    case Types.FloatType _ -> "IF(mod(#, 9) = 0, CAST(nan() AS real), CAST(# / 7e0 AS real))";
                    case Types.DoubleType _ ->
                        "CASE mod(#, 9) WHEN 0 THEN -0e0 WHEN 1 THEN nan() WHEN 2 THEN infinity() ELSE # / 7e0 END";
                    case Types.StringType _ -> "'к' || CAST(mod(#, 7) AS varchar)";
                    case Types.BinaryType _ -> "to_utf8('raw' || CAST(# AS varchar))";
                    case Types.UUIDType _ ->
                        "CAST(element_at(ARRAY['10', '50', 'f0'], CAST(mod(#, 3) + 1 AS integer))"
                                + " || '000000-0000-4000-8000-0000000000' || lpad(CAST(mod(#, 5) AS varchar), 2, '0') AS uuid)";
                    case Types.DecimalType _ -> "CAST((# - 30) / 4e0 AS %s)".formatted(name(type));
                    case Types.DateType _ -> "date_add('day', mod(#, 3) * 400 - 600, date '1970-01-01')";
                    case Types.TimeType _ -> "time '00:00:00.000001' + # * interval '97' second";
                    case Types.TimestampType at
                    when at.shouldAdjustToUTC() -> "timestamp '2024-03-01 00:00:00.000001 UTC' + # * interval '2' hour";
                    case Types.TimestampType _ -> "timestamp '1969-12-31 23:00:00.999999' + # * interval '97' second";
                    case Types.ListType list ->
                        "CAST(slice(ARRAY[%s, NULL, %1$s], 1, mod(#, 4)) AS %s)"
                                .formatted(present(list.elementType(), few), name(type));
                    case Types.MapType map ->
                        "CAST(MAP(ARRAY['k', 'l'], ARRAY[%s, NULL]) AS %s)"
                                .formatted(present(map.valueType(), few), name(type));
                    case Types.StructType struct ->
                        "CAST(ROW(%s) AS %s)"
                                .formatted(
                                        struct.fields().stream()
                                                .map(field -> present(field.type(), few))
                                                .collect(Collectors.joining(", ")),
                                        name(type));
                    default -> throw new IllegalArgumentException(type.toString());
                };
        return pattern.replace("#", few);
    }

    /// Trino's name of the type.
    static String name(Type type) {
        return switch (type) {
            case Types.BooleanType _ -> "boolean";
            case Types.IntegerType _ -> "integer";
            case Types.LongType _ -> "bigint";
            case Types.FloatType _ -> "real";
            case Types.DoubleType _ -> "double";
            case Types.StringType _ -> "varchar";
            case Types.BinaryType _ -> "varbinary";
            case Types.UUIDType _ -> "uuid";
            case Types.DecimalType decimal -> "decimal(%d, %d)".formatted(decimal.precision(), decimal.scale());
            case Types.DateType _ -> "date";
            case Types.TimeType _ -> "time(6)";
            case Types.TimestampType at -> at.shouldAdjustToUTC() ? "timestamp(6) with time zone" : "timestamp(6)";
            case Types.ListType list -> "array(%s)".formatted(name(list.elementType()));
            case Types.MapType map -> "map(%s, %s)".formatted(name(map.keyType()), name(map.valueType()));
            case Types.StructType struct ->
                struct.fields().stream()
                        .map(field -> field.name() + " " + name(field.type()))
                        .collect(Collectors.joining(", ", "row(", ")"));
            default -> throw new IllegalArgumentException(type.toString());
        };
    }
}
