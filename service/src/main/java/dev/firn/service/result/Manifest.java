package dev.firn.service.result;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.lake.Reason;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.EventJsonException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The one outcome of a request, on the object store beside its files: `_manifest.json`.
///
/// ```
/// {
///   "manifest_version": 1,
///   "digest_algorithm": "xxh3-128, see docs/results.md",
///   "worker": who wrote it, for people,
///   "principal": who asked through the gateway; empty if nobody did,
///   "request": { … the RetrievalRequest event, without its pins and its deadline … },
///   "result": { … the RetrievalResult event, with every file … },
///   "pins":   { … Pins, as a request takes them; null when FAILED … },
///   "previous_run": the run of the standing retrieval that it starts from; only if there is one,
///   "made_from": [UUIDs of the target tables that the rows come from; only for a standing retrieval with a target],
///   "state":  { … what the next run of a standing retrieval starts from, see RunState; null for other requests … }
/// }
/// ```
/// These parts are events in plain JSON ([EventJson]); `docs/events.md` says what their fields mean. Request and pins
/// together repeat the retrieval. What became of a target table is not here, but in the [TargetNote].
///
/// @param request without pins and deadline; null if the id was cancelled, or the manifest was written before
///     manifests had one
/// @param pins null when the retrieval failed
/// @param principal who asked through the gateway, as the request's header says; empty if nobody did. A producer can
///     write anything there, so it lets its bearer read this result and nothing else
/// @param state null unless the run of a standing retrieval left one
/// @param madeFrom UUIDs of the target tables that the rows of a standing retrieval with a target come from
/// @param previousRun id of the last successful run when a run of a standing retrieval was issued
public record Manifest(
        RetrievalResult result,
        @Nullable RetrievalRequest request,
        @Nullable Pins pins,
        String worker,
        String principal,
        @Nullable RunState state,
        Set<String> madeFrom,
        @Nullable String previousRun) {
    static final int VERSION = 1;
    /// The largest manifest that is read.
    public static final int MAX_BYTES = 256 << 20;
    private static final String DIGEST_ALGORITHM = "xxh3-128, see docs/results.md";
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    public Manifest {
        madeFrom = Set.copyOf(madeFrom);
        request = request == null
                ? null
                : RetrievalRequest.newBuilder(request)
                        .setPins(null)
                        .setPreviousPins(null)
                        .setPreviousRun(null)
                        .setDeadline(null)
                        .build();
    }

    /// Of a request that did not come through the gateway.
    public Manifest(RetrievalResult result, @Nullable RetrievalRequest request, @Nullable Pins pins, String worker) {
        this(result, request, pins, worker, "");
    }

    /// Of a request that left no state.
    public Manifest(
            RetrievalResult result,
            @Nullable RetrievalRequest request,
            @Nullable Pins pins,
            String worker,
            String principal) {
        this(result, request, pins, worker, principal, null, Set.of(), null);
    }

    /// The outcome as it is announced, once it is known what became of the target table.
    public Manifest with(TargetNote note) {
        return new Manifest(
                RetrievalResult.newBuilder(result).setTarget(note.outcome()).build(),
                request,
                pins,
                worker,
                principal,
                state,
                madeFrom,
                previousRun);
    }

    /// The folder of the result's files, without the slash at the end of its location. Null when the retrieval failed.
    public @Nullable String folder() {
        String location = result.getLocation();
        // results of earlier releases have no slash
        return location == null || !location.endsWith("/") ? location : location.substring(0, location.length() - 1);
    }

    public byte[] toBytes() {
        ObjectNode json = JSON.createObjectNode();
        json.put("manifest_version", VERSION);
        json.put("digest_algorithm", DIGEST_ALGORITHM);
        json.put("worker", worker);
        json.put("principal", principal);
        json.set("request", request == null ? json.nullNode() : EventJson.tree(request));
        json.set("result", EventJson.tree(result));
        json.set("pins", pins == null ? json.nullNode() : EventJson.tree(pins));
        if (previousRun != null) {
            json.put("previous_run", previousRun);
        }
        if (!madeFrom.isEmpty()) {
            ArrayNode tables = json.putArray("made_from");
            madeFrom.stream().sorted().forEach(tables::add);
        }
        if (state != null) {
            json.set("state", state.toJson(JSON));
        }
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("the manifest could not be written as JSON", e);
        }
    }

    /// Reads a manifest. Fields that this version does not know are skipped, so that a newer worker's can be read.
    ///
    /// @param location for messages
    /// @throws IllegalArgumentException if the bytes are not a manifest of a version that is known
    public static Manifest parse(byte[] bytes, String location) {
        try {
            JsonNode json = JSON.readTree(bytes);
            int version = json == null ? 0 : json.path("manifest_version").asInt(0);
            if (json == null || version != VERSION) {
                throw new IllegalArgumentException(
                        "[%s] unsupported manifest version %d, expected %d".formatted(location, version, VERSION));
            }
            JsonNode request = json.path("request");
            JsonNode pins = json.path("pins");
            return new Manifest(
                    EventJson.readKnown(RetrievalResult.class, json.path("result")),
                    request.isObject() ? EventJson.readKnown(RetrievalRequest.class, request) : null,
                    pins.isObject() ? EventJson.readKnown(Pins.class, pins) : null,
                    json.path("worker").asText(""),
                    json.path("principal").asText(""),
                    RunState.parse(json.path("state")).orElse(null),
                    texts(json.path("made_from")),
                    json.path("previous_run").isTextual()
                            ? json.path("previous_run").asText()
                            : null);
        } catch (EventJsonException e) {
            throw new IllegalArgumentException("[" + location + "] malformed manifest: " + Reason.of(e), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("[" + location + "] is not JSON: " + Reason.of(e), e);
        }
    }

    private static Set<String> texts(JsonNode array) {
        Set<String> texts = new HashSet<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
