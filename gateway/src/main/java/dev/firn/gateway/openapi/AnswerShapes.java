package dev.firn.gateway.openapi;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// JSON Schema of bodies that are not an event.
final class AnswerShapes {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private AnswerShapes() {}

    static ObjectNode object() {
        return JSON.objectNode().put("type", "object");
    }

    static ObjectNode registered() {
        ObjectNode node = object();
        ObjectNode properties = node.putObject("properties");
        for (String name : List.of("name", "source_table", "message")) {
            properties.putObject(name).put("type", "string");
            node.withArray("required").add(name);
        }
        properties.putObject("warnings").put("type", "array").set("items", object());
        return node;
    }

    /// The record of a view with who asked for its version.
    static ObjectNode view(ObjectNode record) {
        ObjectNode node = JSON.objectNode();
        ObjectNode more = object();
        more.putObject("properties")
                .putObject("principal")
                .put("type", "string")
                .put("description", "Who asked for this version, as the event said: unproven. Empty if unknown.");
        node.putArray("allOf").add(record).add(more);
        return node;
    }

    static ObjectNode rows() {
        ObjectNode node = object();
        ObjectNode properties = node.putObject("properties");
        properties.putObject("columns").put("type", "array").set("items", object());
        ObjectNode row = JSON.objectNode().put("type", "array");
        properties.putObject("rows").put("type", "array").set("items", row);
        properties.putObject("total_rows").put("type", "integer").put("format", "int64");
        return node;
    }

    static ObjectNode problem() {
        ObjectNode node = object().put("description", "RFC 9457, with Firn's code.");
        ObjectNode properties = node.putObject("properties");
        for (String name : List.of("type", "title", "detail", "code", "fault", "remedy")) {
            properties.putObject(name).put("type", "string");
            node.withArray("required").add(name);
        }
        properties.putObject("status").put("type", "integer");
        properties.putObject("violations").put("type", "array").set("items", object());
        return node;
    }
}
