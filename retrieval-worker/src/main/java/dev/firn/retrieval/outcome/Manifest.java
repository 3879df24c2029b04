package dev.firn.retrieval.outcome;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// The one outcome of a request as it lies on S3 beside its files: `_manifest.json`.
///
/// ```
/// {
///   "manifest_version": 1,
///   "digest_algorithm": "xxh3-128, see docs/results.md",
///   "worker": who wrote it, for people,
///   "result": { … the RetrievalResult event, with every file … },
///   "pins":   { … Pins, as a request takes them; null when FAILED … }
/// }
/// ```
/// Both parts are events in plain JSON ([AvroJson]); their fields' meaning is in the event reference.
///
/// @param pins null when the retrieval failed
public record Manifest(RetrievalResult result, @Nullable Pins pins, String worker) {
    static final int VERSION = 1;
    public static final int MAX_BYTES = 256 << 20;
    private static final String DIGEST_ALGORITHM = "xxh3-128, see docs/results.md";
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    byte[] toBytes() {
        ObjectNode json = JSON.createObjectNode();
        json.put("manifest_version", VERSION);
        json.put("digest_algorithm", DIGEST_ALGORITHM);
        json.put("worker", worker);
        json.set("result", AvroJson.toJson(result));
        json.set("pins", pins == null ? json.nullNode() : AvroJson.toJson(pins));
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("the manifest could not be written as JSON", e);
        }
    }

    /// @throws IllegalArgumentException if the bytes are no manifest of a version that is known
    public static Manifest parse(byte[] bytes, String location) {
        try {
            JsonNode json = JSON.readTree(bytes);
            int version = json == null ? 0 : json.path("manifest_version").asInt(0);
            if (json == null || version != VERSION) {
                throw new IllegalArgumentException(
                        "[%s] is no manifest of version %d but %d".formatted(location, VERSION, version));
            }
            JsonNode pins = json.path("pins");
            return new Manifest(
                    AvroJson.fromJson(json.path("result"), RetrievalResult.getClassSchema(), RetrievalResult.class),
                    pins.isObject() ? AvroJson.fromJson(pins, Pins.getClassSchema(), Pins.class) : null,
                    json.path("worker").asText(""));
        } catch (IOException e) {
            throw new IllegalArgumentException("[" + location + "] is no JSON: " + e.getMessage(), e);
        }
    }
}
