package dev.firn.gateway.retrieval;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;

/// A RetrievalRequest from a query: `?features=view:a,view:b&as_of=…&spine.timestamp_column=at`. Parameters are
/// the fields of RetrievalRequest, and those of its spine after `spine.`. A list is separated by commas or given
/// by repeating the parameter; records and maps are JSON.
final class QueryRequest {
    private static final String SPINE = "spine.";

    private QueryRequest() {}

    /// @throws Refusal if a parameter has no such field
    static ObjectNode of(Map<String, List<String>> query) {
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        ObjectNode spine = JsonNodeFactory.instance.objectNode();
        query.forEach((name, values) -> {
            boolean isOfSpine = name.startsWith(SPINE);
            String field = isOfSpine ? name.substring(SPINE.length()) : name;
            Schema schema = isOfSpine ? Spine.getClassSchema() : RetrievalRequest.getClassSchema();
            Schema.Field known = schema.getField(field);
            if (known == null || name.equals("spine")) {
                throw Refusal.of(Code.BAD_PARAMETER, "There is no parameter '%s'.".formatted(name));
            }
            put(isOfSpine ? spine : request, field, branch(known.schema()), values);
        });
        request.set("spine", spine);
        return request;
    }

    private static Schema branch(Schema schema) {
        return schema.isUnion()
                ? schema.getTypes().stream()
                        .filter(type -> type.getType() != Schema.Type.NULL)
                        .findFirst()
                        .orElseThrow()
                : schema;
    }

    private static void put(ObjectNode to, String field, Schema schema, List<String> values) {
        if (values.isEmpty()) {
            throw Refusal.of(Code.BAD_PARAMETER, "%s has no value.".formatted(field));
        }
        String text = values.getLast();
        switch (schema.getType()) {
            case ARRAY -> {
                if (schema.getElementType().getType() == Schema.Type.STRING) {
                    ArrayNode list = to.putArray(field);
                    values.stream()
                            .flatMap(value -> Stream.of(value.split(",", -1)))
                            .filter(item -> !item.isEmpty())
                            .forEach(list::add);
                } else {
                    to.set(
                            field,
                            EventJson.object("{\"it\": %s}".formatted(text)).path("it"));
                }
            }
            case BOOLEAN -> {
                if (!text.equals("true") && !text.equals("false")) {
                    throw Refusal.of(Code.BAD_PARAMETER, "%s must be true or false.".formatted(field));
                }
                to.put(field, Boolean.parseBoolean(text));
            }
            case RECORD, MAP -> to.set(field, EventJson.object(text));
            case LONG, INT -> number(to, field, schema, text);
            default -> to.put(field, text);
        }
    }

    /// An instant is a text in JSON.
    private static void number(ObjectNode to, String field, Schema schema, String text) {
        if (schema.getLogicalType() != null) {
            to.put(field, text);
            return;
        }
        try {
            to.put(field, Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw Refusal.of(Code.BAD_PARAMETER, "%s must be a number.".formatted(field));
        }
    }
}
