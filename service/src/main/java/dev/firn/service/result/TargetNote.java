package dev.firn.service.result;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.TargetOutcome;
import dev.firn.lake.Reason;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.EventJsonException;
import java.io.IOException;
import java.io.UncheckedIOException;

/// What became of the commit of a result to its target table: a file beside the result, created once. Its
/// folder is that of the try that was decided, so an outcome never meets the note of an earlier one under the
/// same request id.
///
/// ```
/// {
///   "target_version": 1,
///   "worker": who wrote it, for people,
///   "target": { … the TargetOutcome of the event … }
/// }
/// ```
public record TargetNote(TargetOutcome outcome, String worker) {
    /// The largest note that is read.
    public static final int MAX_BYTES = 1 << 20;

    private static final String FILE = "target.json";
    private static final int VERSION = 1;
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /// Whether the outcome of a request is complete only with a note: it succeeded, and names a target.
    public static boolean belongsTo(Manifest manifest) {
        return manifest.result().getStatus() == RetrievalStatus.SUCCEEDED
                && manifest.request() != null
                && manifest.request().getTarget() != null;
    }

    /// Where the note of an outcome is to which one [belongs][#belongsTo].
    public static String location(Manifest manifest) {
        String folder = manifest.folder();
        if (folder == null) {
            throw new IllegalArgumentException(
                    "[" + manifest.result().getManifestLocation() + "] the outcome SUCCEEDED and has no location");
        }
        return ResultLayout.besideOf(folder) + "/" + FILE;
    }

    public byte[] toBytes() {
        ObjectNode json = JSON.createObjectNode();
        json.put("target_version", VERSION);
        json.put("worker", worker);
        json.set("target", EventJson.tree(outcome));
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("the note about a target could not be written as JSON", e);
        }
    }

    /// Reads a note. Fields that this version does not know are skipped.
    ///
    /// @param location for messages
    /// @throws IllegalArgumentException if the bytes are not a note of a version that is known
    public static TargetNote parse(byte[] bytes, String location) {
        try {
            JsonNode json = JSON.readTree(bytes);
            int version = json == null ? 0 : json.path("target_version").asInt(0);
            if (json == null || version != VERSION) {
                throw new IllegalArgumentException("[%s] unsupported version %d of a note about a target, expected %d"
                        .formatted(location, version, VERSION));
            }
            return new TargetNote(
                    EventJson.readKnown(TargetOutcome.class, json.path("target")),
                    json.path("worker").asText(""));
        } catch (EventJsonException e) {
            throw new IllegalArgumentException("[" + location + "] malformed note about a target: " + Reason.of(e), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("[" + location + "] is not JSON: " + Reason.of(e), e);
        }
    }
}
