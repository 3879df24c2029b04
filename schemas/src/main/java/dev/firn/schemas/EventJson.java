package dev.firn.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/// Events as plain JSON, as people write and read it. Names are the schemas' (`snake_case`), a field that is left out
/// takes its default, a union has no wrapper, an enum is its name, an instant is ISO-8601 in UTC with microseconds.
/// Unknown fields are errors that suggest the nearest right name.
///
/// [#read] reads back what [#write] prints as an equal event. Numbers have 64 bits: snapshot ids exceed what
/// JavaScript's `JSON.parse` can hold.
public final class EventJson {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private EventJson() {}

    /// Reads one event.
    ///
    /// @throws EventJsonException with everything that is wrong
    public static <T extends SpecificRecord> T read(Class<T> event, String json) {
        return read(event, object(json));
    }

    /// Reads one event from a tree, which is not changed.
    ///
    /// @throws EventJsonException with everything that is wrong
    public static <T extends SpecificRecord> T read(Class<T> event, ObjectNode json) {
        return new JsonEventReader(false).read(event, json);
    }

    /// Reads one event that another version may have written: fields that this version does not know are skipped, an
    /// enum's unknown symbol is read as its default.
    ///
    /// @throws EventJsonException with everything that is wrong
    public static <T extends SpecificRecord> T readKnown(Class<T> event, JsonNode json) {
        if (json instanceof ObjectNode object) {
            return new JsonEventReader(true).read(event, object);
        }
        throw malformed("expected one JSON object");
    }

    /// A JSON object as a tree, for callers that add to a body (a request id) before they read it.
    ///
    /// @throws EventJsonException if it is not one JSON object, or has a field twice
    public static ObjectNode object(String json) {
        try {
            JsonNode node = JSON.readTree(json);
            if (node instanceof ObjectNode object) {
                return object;
            }
            throw malformed("expected one JSON object");
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            // the rest is about the parser's internals
            String what = e.getOriginalMessage().replaceFirst(" \\(start marker at .*$", "");
            throw malformed(what + where);
        }
    }

    /// A JSON object from its bytes.
    ///
    /// @throws EventJsonException if they are not UTF-8, not one JSON object, or have a field twice
    public static ObjectNode object(byte[] json) {
        try {
            return object(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString());
        } catch (CharacterCodingException e) {
            throw malformed("the text is not UTF-8");
        }
    }

    /// The event as a tree with every field in the schema's order, nulls included.
    public static ObjectNode tree(SpecificRecord event) {
        return JsonEventWriter.tree(event);
    }

    /// The event on one line.
    public static String write(SpecificRecord event) {
        return tree(event).toString();
    }

    private static EventJsonException malformed(String message) {
        return new EventJsonException(List.of(new JsonProblem(Code.MALFORMED_JSON, "", message, Optional.empty())));
    }
}
