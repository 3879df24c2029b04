package dev.firn.gateway.openapi;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;

/// JSON Schema of the events' plain JSON form, from their Avro schemas: same names, instants as text, unions without a
/// wrapper, nothing required that has a default.
final class JsonSchemas {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Map<String, ObjectNode> named = new TreeMap<>();

    /// A reference to the schema of a record, which is described with all that it uses.
    ObjectNode reference(Schema schema) {
        describe(schema);
        return JSON.objectNode().put("$ref", "#/components/schemas/" + schema.getName());
    }

    /// Every schema that was referred to.
    ObjectNode all() {
        ObjectNode all = JSON.objectNode();
        named.forEach(all::set);
        return all;
    }

    private void describe(Schema schema) {
        if (named.containsKey(schema.getName())) {
            return;
        }
        ObjectNode node = JSON.objectNode();
        named.put(schema.getName(), node);
        if (schema.getDoc() != null) {
            node.put("description", schema.getDoc());
        }
        if (schema.getType() == Schema.Type.ENUM) {
            node.put("type", "string");
            schema.getEnumSymbols().forEach(node.withArray("enum")::add);
            return;
        }
        node.put("type", "object");
        ObjectNode properties = node.putObject("properties");
        ArrayNode required = JSON.arrayNode();
        for (Schema.Field field : schema.getFields()) {
            ObjectNode property = of(field.schema());
            if (field.doc() != null) {
                property.put("description", field.doc());
            }
            properties.set(field.name(), property);
            if (!field.hasDefaultValue()) {
                required.add(field.name());
            }
        }
        if (!required.isEmpty()) {
            node.set("required", required);
        }
    }

    private ObjectNode of(Schema schema) {
        ObjectNode node = JSON.objectNode();
        return switch (schema.getType()) {
            case RECORD, ENUM -> reference(schema);
            case STRING -> node.put("type", "string");
            case BOOLEAN -> node.put("type", "boolean");
            case INT -> node.put("type", "integer").put("format", "int32");
            case LONG ->
                schema.getLogicalType() == null
                        ? node.put("type", "integer").put("format", "int64")
                        : node.put("type", "string").put("format", "date-time");
            case FLOAT, DOUBLE -> node.put("type", "number");
            case ARRAY -> {
                node.put("type", "array").set("items", of(schema.getElementType()));
                yield node;
            }
            case MAP -> {
                node.put("type", "object").set("additionalProperties", of(schema.getValueType()));
                yield node;
            }
            case UNION -> {
                ArrayNode branches = node.putArray("anyOf");
                schema.getTypes().forEach(branch -> branches.add(of(branch)));
                yield node;
            }
            case NULL -> node.put("type", "null");
            case BYTES, FIXED -> node.put("type", "string");
        };
    }

    /// For lists: `{"items": [ … ], "next": … }`.
    static ObjectNode page(ObjectNode item) {
        ObjectNode node = JSON.objectNode().put("type", "object");
        ObjectNode properties = node.putObject("properties");
        properties.putObject("items").put("type", "array").set("items", item);
        ArrayNode next = properties.putObject("next").putArray("anyOf");
        next.addObject().put("type", "null");
        next.addObject().put("type", "string");
        return node;
    }
}
