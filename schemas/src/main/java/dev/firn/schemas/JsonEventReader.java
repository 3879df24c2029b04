package dev.firn.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/// Reads one event from a JSON tree, along its schema. Collects all problems, so that a person can correct them at
/// once.
final class JsonEventReader {
    /// The most characters of a wrong value that a message repeats.
    private static final int MAX_SHOWN = 60;

    private final List<JsonProblem> problems = new ArrayList<>();
    private final boolean lenient;

    /// @param lenient skips fields that are not known, and reads an unknown symbol as its enum's default
    JsonEventReader(boolean lenient) {
        this.lenient = lenient;
    }

    <T extends SpecificRecord> T read(Class<T> event, ObjectNode json) {
        SpecificRecord record = record(EventModel.INSTANCE.getSchema(event), json, "");
        if (!problems.isEmpty()) {
            throw new EventJsonException(problems);
        }
        return event.cast(record);
    }

    private SpecificRecord record(Schema schema, ObjectNode json, String path) {
        json.fieldNames().forEachRemaining(name -> {
            if (!lenient && schema.getField(name) == null) {
                problems.add(unknownField(schema, path, name));
            }
        });
        var record = (SpecificRecord) SpecificData.newInstance(EventModel.INSTANCE.getClass(schema), schema);
        for (Schema.Field field : schema.getFields()) {
            JsonNode given = json.get(field.name());
            String below = path.isEmpty() ? field.name() : path + "." + field.name();
            Object value = given == null ? defaultOf(field, below) : value(field.schema(), given, below);
            if (problems.isEmpty()) {
                record.put(field.pos(), value);
            }
        }
        return record;
    }

    private @Nullable Object defaultOf(Schema.Field field, String path) {
        if (!field.hasDefaultValue()) {
            return problem(Code.MISSING_FIELD, path, "is required");
        }
        Object value = EventModel.INSTANCE.getDefaultValue(field);
        return EventModel.INSTANCE.deepCopy(field.schema(), value);
    }

    private @Nullable Object value(Schema schema, JsonNode json, String path) {
        return switch (schema.getType()) {
            case UNION -> union(schema, json, path);
            case RECORD ->
                json instanceof ObjectNode object ? record(schema, object, path) : wrong("an object", json, path);
            case ARRAY -> json instanceof ArrayNode array ? list(schema, array, path) : wrong("an array", json, path);
            case MAP -> json instanceof ObjectNode object ? map(schema, object, path) : wrong("an object", json, path);
            case STRING -> json.isTextual() ? text(json.textValue(), path) : wrong("a string", json, path);
            case BOOLEAN -> json.isBoolean() ? (Object) json.booleanValue() : wrong("true or false", json, path);
            case ENUM -> symbol(schema, json, path);
            case INT -> integer(json, path);
            case LONG ->
                schema.getLogicalType() instanceof LogicalTypes.TimestampMicros
                        ? instant(json, path)
                        : number(json, path);
            case NULL, BYTES, FIXED, FLOAT, DOUBLE ->
                throw new IllegalArgumentException("[" + path + "] events have no " + schema.getType());
        };
    }

    private @Nullable Object union(Schema schema, JsonNode json, String path) {
        return json.isNull() && schema.isNullable()
                ? null
                : value(
                        schema.getTypes().stream()
                                .filter(branch -> branch.getType() != Schema.Type.NULL)
                                .findFirst()
                                .orElseThrow(),
                        json,
                        path);
    }

    private List<@Nullable Object> list(Schema schema, ArrayNode json, String path) {
        var list = new ArrayList<@Nullable Object>(json.size());
        for (int i = 0; i < json.size(); i++) {
            list.add(value(schema.getElementType(), json.get(i), path + "[" + i + "]"));
        }
        return list;
    }

    private Map<String, @Nullable Object> map(Schema schema, ObjectNode json, String path) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        json.properties()
                .forEach(entry -> map.put(
                        entry.getKey(), value(schema.getValueType(), entry.getValue(), path + "." + entry.getKey())));
        return map;
    }

    /// UTF-8 has no form for half of a surrogate pair: it would become a question mark on its way.
    private @Nullable Object text(String text, String path) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text)
                ? text
                : problem(Code.MALFORMED_JSON, path, "has half of a surrogate pair, which no text can hold");
    }

    private @Nullable Object symbol(Schema schema, JsonNode json, String path) {
        List<String> symbols = schema.getEnumSymbols().stream()
                .filter(symbol -> !symbol.equals(schema.getEnumDefault()))
                .toList();
        if (!json.isTextual()) {
            return wrong("one of " + symbols, json, path);
        }
        if (schema.hasEnumSymbol(json.textValue())) {
            return EventModel.INSTANCE.createEnum(json.textValue(), schema);
        }
        if (lenient && schema.getEnumDefault() != null) {
            return EventModel.INSTANCE.createEnum(schema.getEnumDefault(), schema);
        }
        problems.add(new JsonProblem(
                Code.UNKNOWN_NAME,
                path,
                "expected one of %s, found %s".formatted(symbols, shown(json)),
                NearestName.of(json.textValue(), symbols)));
        return null;
    }

    private @Nullable Object integer(JsonNode json, String path) {
        if (!json.isIntegralNumber()) {
            return wrong("a whole number", json, path);
        }
        return json.canConvertToInt() ? (Object) json.intValue() : problem(Code.OUT_OF_RANGE, path, "exceeds 32 bits");
    }

    private @Nullable Object number(JsonNode json, String path) {
        if (!json.isIntegralNumber()) {
            return wrong("a whole number", json, path);
        }
        return json.canConvertToLong()
                ? (Object) json.longValue()
                : problem(Code.OUT_OF_RANGE, path, "exceeds 64 bits");
    }

    private @Nullable Object instant(JsonNode json, String path) {
        if (!json.isTextual()) {
            return wrong("an instant such as \"2024-01-31T09:30:00Z\"", json, path);
        }
        try {
            Instant instant = OffsetDateTime.parse(json.textValue()).toInstant();
            return instant.equals(Micros.instant(Micros.of(instant)))
                    ? instant
                    : problem(Code.BAD_TIMESTAMP, path, shown(json) + " is finer than microseconds");
        } catch (DateTimeException | ArithmeticException e) {
            return problem(
                    Code.BAD_TIMESTAMP,
                    path,
                    "expected an ISO-8601 instant with its zone, such as \"2024-01-31T09:30:00Z\", found "
                            + shown(json));
        }
    }

    private static JsonProblem unknownField(Schema schema, String path, String name) {
        String below = path.isEmpty() ? name : path + "." + name;
        List<String> names = schema.getFields().stream().map(Schema.Field::name).toList();
        return new JsonProblem(
                Code.UNKNOWN_FIELD,
                below,
                schema.getName() + " has no field '" + name + "'",
                NearestName.of(name, names).or(() -> longerName(name, names)));
    }

    /// The name that begins with a word that was taken for all of it: `ttl` for `ttl_micros`.
    private static Optional<String> longerName(String name, List<String> names) {
        return names.stream().filter(known -> known.startsWith(name + "_")).findFirst();
    }

    private @Nullable Object wrong(String expected, JsonNode found, String path) {
        return problem(
                Code.WRONG_TYPE,
                path,
                "expected " + expected + ", found "
                        + switch (found.getNodeType()) {
                            case ARRAY -> "an array";
                            case OBJECT, POJO -> "an object";
                            case STRING, BINARY -> "the string " + shown(found);
                            case NUMBER, BOOLEAN, NULL, MISSING -> shown(found);
                        });
    }

    /// A value as it was written, cut if it is long.
    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.codePointCount(0, text.length()) <= MAX_SHOWN
                ? text
                : text.substring(0, text.offsetByCodePoints(0, MAX_SHOWN)) + "…";
    }

    private @Nullable Object problem(Code code, String path, String message) {
        problems.add(new JsonProblem(code, path, message, Optional.empty()));
        return null;
    }
}
