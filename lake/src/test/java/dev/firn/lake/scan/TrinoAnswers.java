package dev.firn.lake.scan;

import dev.firn.lake.parquet.ColumnValues;
import dev.firn.testkit.Trino;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/// The rows of a table as Trino returns them, and our values in the same text form, for comparison value by value.
final class TrinoAnswers {
    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS");

    private TrinoAnswers() {}

    /// @param source the text after FROM
    /// @param timestamp rows without it are not features
    static List<String> rows(Trino trino, Schema schema, String source, String timestamp) {
        String columns = schema.columns().stream().map(TrinoAnswers::expression).collect(Collectors.joining(", "));
        List<String> rows = new ArrayList<>();
        for (List<Object> row :
                trino.query("SELECT %s FROM %s WHERE %s IS NOT NULL".formatted(columns, source, timestamp))) {
            rows.add(row.toString());
        }
        rows.sort(null);
        return rows;
    }

    private static String expression(NestedField field) {
        String column = '"' + field.name() + '"';
        return switch (field.type()) {
            case Type.NestedType _ -> "json_format(CAST(" + column + " AS json))";
            case Types.TimestampType at
            when at.shouldAdjustToUTC() -> "CAST(" + column + " AT TIME ZONE 'UTC' AS varchar)";
            case Types.BinaryType _ -> "lower(to_hex(" + column + "))";
            case Types.FixedType _ -> "lower(to_hex(" + column + "))";
            // numbers from JDBC print like Java's, Trino's text form does not
            case Types.DoubleType _ -> column;
            case Types.FloatType _ -> column;
            default -> "CAST(" + column + " AS varchar)";
        };
    }

    /// One of our values in the text form of [#rows].
    static String text(@Nullable Object value) {
        return switch (value) {
            case OffsetDateTime at -> TIMESTAMP.format(at.withOffsetSameInstant(ZoneOffset.UTC)) + " UTC";
            case LocalDateTime at -> TIMESTAMP.format(at);
            case LocalTime at -> TIME.format(at);
            case Collection<?> list -> json(list);
            case Map<?, ?> map -> json(map);
            case Record struct -> json(struct);
            case byte[] bytes -> HexFormat.of().formatHex(bytes);
            case null, default -> ColumnValues.hexOrText(value);
        };
    }

    private static String json(@Nullable Object value) {
        return switch (value) {
            case String string -> '"' + string + '"';
            case Collection<?> list -> list.stream().map(TrinoAnswers::json).collect(Collectors.joining(",", "[", "]"));
            case Map<?, ?> map -> {
                // Trino sorts the keys of a map
                Map<String, String> sorted = new TreeMap<>();
                map.forEach((key, element) -> sorted.put(json(String.valueOf(key)), json(element)));
                yield sorted.entrySet().stream()
                        .map(member -> member.getKey() + ":" + member.getValue())
                        .collect(Collectors.joining(",", "{", "}"));
            }
            case Record struct ->
                struct.struct().fields().stream()
                        .map(field -> json(field.name()) + ":" + json(struct.getField(field.name())))
                        .collect(Collectors.joining(",", "{", "}"));
            case null, default -> String.valueOf(value);
        };
    }
}
