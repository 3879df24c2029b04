package dev.firn.cli.feast;

import dev.firn.lake.catalog.Dtype;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Types;

/// The type that Feast has for a dtype of Firn.
///
/// @param code as written in Python
/// @param note what the type loses; empty if it is the same type
record FeastType(String code, String note) {
    /// The types whose value types keys may have, by their name as an entity has it.
    private static final Map<String, String> VALUE_TYPES =
            Map.of("Float32", "FLOAT", "Float64", "DOUBLE", "UnixTimestamp", "UNIX_TIMESTAMP");

    private static final String STRING = "String";
    private static final String SCALAR_MAP = "ScalarMap";

    /// Of a feature.
    static FeastType ofDtype(String dtype) {
        try {
            List<String> notes = new ArrayList<>();
            String code = code(Dtype.parse(dtype), notes);
            return new FeastType(code, String.join("; ", notes));
        } catch (IllegalArgumentException e) {
            return unknown(dtype);
        }
    }

    /// Of a key, by its Iceberg type.
    static FeastType ofIceberg(String type) {
        try {
            return Dtype.of(Types.fromPrimitiveString(type))
                    .map(dtype -> {
                        List<String> notes = new ArrayList<>();
                        String code = code(dtype, notes);
                        return new FeastType(code, String.join("; ", notes));
                    })
                    .orElseGet(() -> unknown(type));
        } catch (IllegalArgumentException e) {
            return unknown(type);
        }
    }

    private static FeastType unknown(String type) {
        return new FeastType(STRING, "Feast has no type for '%s'; declared as String".formatted(type));
    }

    /// The same type as `ValueType` of Feast names it. For types of keys.
    String valueType() {
        return VALUE_TYPES.getOrDefault(code, code.toUpperCase(Locale.ROOT));
    }

    private static String code(Dtype dtype, List<String> notes) {
        return switch (dtype) {
            case Dtype.Plain plain -> plain(plain, notes);
            case Dtype.Decimal decimal -> {
                notes.add("Feast's Decimal has no precision and scale, Firn's is decimal(%d,%d)"
                        .formatted(decimal.precision(), decimal.scale()));
                yield "Decimal";
            }
            case Dtype.ListOf list -> {
                String element = code(list.element(), notes);
                if (element.equals(SCALAR_MAP)) {
                    notes.add("Feast has no list of such maps; declared as Array(String)");
                    element = STRING;
                }
                yield "Array(" + element + ")";
            }
            case Dtype.MapOf map -> {
                if (map.key() == Dtype.Plain.STRING) {
                    notes.add("Feast's Map does not say the type of its values");
                    yield "Map";
                }
                notes.add("Feast's ScalarMap does not say the types of its keys and values");
                yield SCALAR_MAP;
            }
            case Dtype.StructOf struct ->
                struct.fields().stream()
                        .map(field -> PythonText.literal(field.name()) + ": " + code(field.dtype(), notes))
                        .collect(Collectors.joining(", ", "Struct({", "})"));
        };
    }

    private static String plain(Dtype.Plain plain, List<String> notes) {
        return switch (plain) {
            case BOOL -> "Bool";
            case INT32 -> "Int32";
            case INT64 -> "Int64";
            case FLOAT32 -> "Float32";
            case FLOAT64 -> "Float64";
            case STRING -> STRING;
            case BYTES -> "Bytes";
            case UUID -> "Uuid";
            case TIMESTAMPTZ, TIMESTAMP -> "UnixTimestamp";
            case TIMESTAMPTZ_NS, TIMESTAMP_NS -> {
                notes.add("Feast's UnixTimestamp has no nanoseconds");
                yield "UnixTimestamp";
            }
            case DATE -> {
                notes.add("Feast has no date; declared as UnixTimestamp");
                yield "UnixTimestamp";
            }
            case TIME -> {
                notes.add("Feast has no time of day; declared as String");
                yield STRING;
            }
        };
    }
}
