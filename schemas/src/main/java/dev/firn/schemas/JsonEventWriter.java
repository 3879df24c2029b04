package dev.firn.schemas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/// Writes events as JSON trees. The values' classes are enough; no schema is needed.
final class JsonEventWriter {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private JsonEventWriter() {}

    static ObjectNode tree(SpecificRecord event) {
        ObjectNode object = NODES.objectNode();
        for (Schema.Field field : event.getSchema().getFields()) {
            object.set(field.name(), node(event.get(field.pos())));
        }
        return object;
    }

    private static JsonNode node(@Nullable Object value) {
        return switch (value) {
            case null -> NODES.nullNode();
            case SpecificRecord record -> tree(record);
            case CharSequence text -> NODES.textNode(text.toString());
            case Instant instant -> NODES.textNode(instant.toString());
            case Enum<?> symbol -> NODES.textNode(symbol.toString());
            case Boolean flag -> NODES.booleanNode(flag);
            case Integer number -> NODES.numberNode(number);
            case Long number -> NODES.numberNode(number);
            case Collection<?> items -> {
                var array = NODES.arrayNode(items.size());
                items.forEach(item -> array.add(node(item)));
                yield array;
            }
            case Map<?, ?> map -> {
                var object = NODES.objectNode();
                map.entrySet().stream()
                        .sorted((a, b) ->
                                a.getKey().toString().compareTo(b.getKey().toString()))
                        .forEach(entry -> object.set(entry.getKey().toString(), node(entry.getValue())));
                yield object;
            }
            default ->
                throw new IllegalArgumentException(
                        "events have no values of " + value.getClass().getName());
        };
    }
}
