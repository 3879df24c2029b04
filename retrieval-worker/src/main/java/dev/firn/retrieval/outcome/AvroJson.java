package dev.firn.retrieval.outcome;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/// Events as plain JSON and back: fields by their names, unions without their branch's name, instants in
/// ISO-8601. A field that is missing has its default, one that is not known is passed over, so that JSON of
/// another version can be read.
final class AvroJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private AvroJson() {}

    static ObjectNode toJson(SpecificRecord record) {
        return record(record.getSchema(), record);
    }

    /// @throws IllegalArgumentException if the JSON is no such record
    static <T extends SpecificRecord> T fromJson(JsonNode json, Schema schema, Class<T> type) {
        try {
            return type.cast(recordOf(json, schema));
        } catch (AvroRuntimeException | ClassCastException | DateTimeParseException e) {
            throw new IllegalArgumentException("no " + schema.getFullName() + ": " + e.getMessage(), e);
        }
    }

    private static ObjectNode record(Schema schema, SpecificRecord record) {
        ObjectNode json = NODES.objectNode();
        for (Schema.Field field : schema.getFields()) {
            json.set(field.name(), node(field.schema(), record.get(field.pos())));
        }
        return json;
    }

    private static JsonNode node(Schema schema, @Nullable Object value) {
        if (value == null) {
            return NODES.nullNode();
        }
        return switch (schema.getType()) {
            case UNION -> node(present(schema), value);
            case RECORD -> record(schema, (SpecificRecord) value);
            case ARRAY -> {
                ArrayNode array = NODES.arrayNode();
                ((List<?>) value).forEach(element -> array.add(node(schema.getElementType(), element)));
                yield array;
            }
            case MAP -> {
                ObjectNode map = NODES.objectNode();
                ((Map<?, ?>) value)
                        .forEach((key, element) -> map.set(key.toString(), node(schema.getValueType(), element)));
                yield map;
            }
            case INT -> NODES.numberNode((Integer) value);
            case LONG ->
                value instanceof Instant instant ? NODES.textNode(instant.toString()) : NODES.numberNode((Long) value);
            case BOOLEAN -> NODES.booleanNode((Boolean) value);
            case DOUBLE -> NODES.numberNode((Double) value);
            case STRING, ENUM -> NODES.textNode(value.toString());
            default -> throw new IllegalArgumentException("an event's field of type " + schema);
        };
    }

    private static SpecificRecord recordOf(JsonNode json, Schema schema) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("no object for " + schema.getFullName());
        }
        SpecificRecord record = (SpecificRecord) SpecificData.get().newRecord(null, schema);
        for (Schema.Field field : schema.getFields()) {
            JsonNode value = json.get(field.name());
            Object decoded = value == null
                    ? SpecificData.get().getDefaultValue(field)
                    : valueOf(value, field.schema(), field.name());
            record.put(field.pos(), decoded);
        }
        return record;
    }

    private static @Nullable Object valueOf(JsonNode json, Schema schema, String name) {
        if (schema.getType() == Schema.Type.UNION) {
            return json.isNull() ? null : valueOf(json, present(schema), name);
        }
        return switch (schema.getType()) {
            case RECORD -> recordOf(json, schema);
            case ARRAY -> {
                require(json.isArray(), name, schema);
                List<@Nullable Object> list = new ArrayList<>();
                json.forEach(element -> list.add(valueOf(element, schema.getElementType(), name)));
                yield list;
            }
            case MAP -> {
                require(json.isObject(), name, schema);
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                json.properties()
                        .forEach(entry ->
                                map.put(entry.getKey(), valueOf(entry.getValue(), schema.getValueType(), name)));
                yield map;
            }
            case INT -> {
                require(json.canConvertToInt(), name, schema);
                yield json.intValue();
            }
            case LONG -> {
                if (schema.getLogicalType() instanceof LogicalTypes.TimestampMicros) {
                    require(json.isTextual(), name, schema);
                    yield Instant.parse(json.textValue());
                }
                require(json.canConvertToLong(), name, schema);
                yield json.longValue();
            }
            case BOOLEAN -> {
                require(json.isBoolean(), name, schema);
                yield json.booleanValue();
            }
            case STRING -> {
                require(json.isTextual(), name, schema);
                yield json.textValue();
            }
            case ENUM -> {
                String symbol = schema.hasEnumSymbol(json.asText()) ? json.asText() : schema.getEnumDefault();
                yield SpecificData.get().createEnum(symbol, schema);
            }
            default -> throw new IllegalArgumentException("an event's field of type " + schema);
        };
    }

    private static void require(boolean fits, String name, Schema schema) {
        if (!fits) {
            throw new IllegalArgumentException("'" + name + "' is no " + schema.getType());
        }
    }

    private static Schema present(Schema union) {
        return union.getTypes().stream()
                .filter(branch -> branch.getType() != Schema.Type.NULL)
                .findFirst()
                .orElseThrow();
    }
}
