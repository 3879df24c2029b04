package dev.firn.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;

/// Schemas without the property that Avro's generator for Java adds (`avro.java.string`). They are registered, released
/// and compared in this form, so that the schemas of clients in other languages are equal to them.
final class PortableSchema {
    private static final String STRING_TYPE = "avro.java.string";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private PortableSchema() {}

    static Schema of(Schema schema) {
        try {
            return SchemaParser.parseSingle(JSON.writeValueAsString(stripped(JSON.readTree(schema.toString()))));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("[" + schema.getFullName() + "] Avro printed a schema that is not JSON", e);
        }
    }

    private static JsonNode stripped(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> strippedObject(object);
            case ArrayNode array -> {
                for (int i = 0; i < array.size(); i++) {
                    array.set(i, stripped(array.get(i)));
                }
                yield array;
            }
            default -> node;
        };
    }

    private static JsonNode strippedObject(ObjectNode object) {
        object.remove(STRING_TYPE);
        object.properties().forEach(property -> {
            if (!property.getKey().equals("default")) {
                property.setValue(stripped(property.getValue()));
            }
        });
        JsonNode type = object.path("type");
        return object.size() == 1 && type.isTextual() ? type : object;
    }
}
