package dev.firn.gateway.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Ids;
import dev.firn.service.client.RequestIds;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Optional;

/// Reads JSON bodies, at most a number of bytes.
public final class Bodies {
    private static final String JSON = "application/json";
    private static final String REQUEST_ID = "request_id";
    private static final long MAX_DRAINED_BYTES = 16L << 20;
    private static final int DRAIN_BYTES = 1 << 16;

    private final int maxBytes;
    private final Clock clock;

    public Bodies(int maxBytes, Clock clock) {
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /// The body as an object. A missing Content-Type counts as JSON.
    public ObjectNode json(Call call) throws IOException {
        String type = mediaType(call).orElse(JSON);
        if (!type.equals(JSON)) {
            throw Refusal.of(
                    Code.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json, not '%s'.".formatted(type));
        }
        return object(stream(call), call.http().req().getContentLengthLong());
    }

    /// The bytes of the body. Reading them throws [BodyBrokenOffException] if they end early.
    ///
    /// @throws Refusal with 415 if they are packed
    public static InputStream stream(Call call) throws IOException {
        call.header("Content-Encoding")
                .filter(coding -> !coding.strip().equalsIgnoreCase("identity"))
                .ifPresent(coding -> {
                    throw Refusal.of(
                            Code.UNSUPPORTED_MEDIA_TYPE,
                            "The body must have no Content-Encoding, not '%s'.".formatted(coding));
                });
        return new BodyStream(call.http().req().getInputStream());
    }

    /// A JSON object from a stream.
    ///
    /// @param announced how long it says to be; negative if it does not say
    public ObjectNode object(InputStream in, long announced) throws IOException {
        byte[] bytes = announced > maxBytes ? new byte[0] : in.readNBytes(maxBytes + 1);
        if (announced > maxBytes || bytes.length > maxBytes) {
            drain(in, announced);
            throw Refusal.of(Code.BODY_TOO_LARGE, "The JSON may have at most %,d bytes.".formatted(maxBytes));
        }
        return EventJson.object(bytes);
    }

    /// Reads what is left of a body that is not much too large. A client that still sends when the connection is closed
    /// gets a reset instead of the answer.
    private static void drain(InputStream in, long announced) throws IOException {
        if (announced <= MAX_DRAINED_BYTES) {
            byte[] buffer = new byte[DRAIN_BYTES];
            int read = 0;
            for (long drained = 0; read >= 0 && drained < MAX_DRAINED_BYTES; drained += read) {
                read = in.read(buffer);
            }
        }
    }

    /// The type of the body without its parameters, in lower case.
    public static Optional<String> mediaType(Call call) {
        return call.header("Content-Type")
                .map(type -> type.split(";", 2)[0].strip().toLowerCase(java.util.Locale.ROOT));
    }

    /// Puts the id of the request into its body: the `Idempotency-Key`, the body's own, or a new one. Both must agree.
    public String identify(Call call, ObjectNode body) {
        Optional<String> key = call.idempotencyKey();
        Optional<String> own = Optional.of(body.path(REQUEST_ID).asText("")).filter(text -> !text.isEmpty());
        if (key.isPresent() && own.isPresent() && !key.equals(own)) {
            throw Refusal.of(
                    Code.BAD_PARAMETER,
                    "Idempotency-Key and request_id differ: '%s', '%s'.".formatted(key.get(), own.get()));
        }
        String id = key.or(() -> own).orElseGet(() -> RequestIds.next("http", clock));
        if (!Ids.isRequestId(id)) {
            throw Refusal.of(Code.INVALID_REQUEST_ID, "The request id must match [A-Za-z0-9][A-Za-z0-9._-]{0,126}.");
        }
        body.put(REQUEST_ID, id);
        return id;
    }
}
