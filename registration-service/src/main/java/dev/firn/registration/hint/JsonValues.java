package dev.firn.registration.hint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Parses values that are JSON objects.
final class JsonValues {
    private static final int MAX_DEPTH = 100;

    private final int maxBytes;
    private final JsonMapper mapper = new JsonMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build());

    /// @param maxBytes longest value that is parsed
    JsonValues(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    Reading read(byte @Nullable [] value, Function<JsonNode, Reading> read) {
        if (value == null) {
            return Reading.UNDECODABLE;
        }
        if (value.length > maxBytes) {
            return Reading.TOO_LARGE;
        }
        JsonNode json;
        try {
            json = mapper.readTree(value);
        } catch (IOException e) {
            return Reading.UNDECODABLE;
        }
        return json.isObject() ? read.apply(json) : Reading.UNDECODABLE;
    }

    /// The text of a field; null if it is missing or something else.
    static @Nullable String text(JsonNode object, String field) {
        return object.path(field).textValue();
    }
}
