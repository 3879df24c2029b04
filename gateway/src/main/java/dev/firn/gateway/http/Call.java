package dev.firn.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.gateway.access.Caller;
import dev.firn.gateway.problem.Problem;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.FirnHeaders;
import dev.firn.schemas.Ids;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A call of an authenticated caller. Not thread-safe.
///
/// @param longestWait the longest wait that a client may ask for
/// @param recognising recognises the caller again
public record Call(Context http, Caller caller, Duration longestWait, Supplier<Caller> recognising) {
    /// Names the request whose answer this is.
    public static final String REQUEST_ID_HEADER = "Firn-Request-Id";

    private static final String JSON = "application/json";
    private static final Pattern WAIT = Pattern.compile("(?:^|[,;\\s])wait\\s*=\\s*\"?(\\d{1,6})\"?(?=$|[,;\\s])");
    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;
    private static final int TAG_BYTES = 16;
    private static final int MAX_PAGE = 1000;
    private static final int PAGE = 100;

    /// Who handles a call.
    @FunctionalInterface
    public interface Handler {
        void handle(Call call) throws Exception;
    }

    /// The caller as it is now, for calls that last: rules may have changed.
    ///
    /// @throws Refusal with 401 if the token is no longer valid
    public Caller recognisedAgain() {
        try {
            return recognising.get();
        } catch (Refusal e) {
            if (e.problem().code() == Code.UNAUTHENTICATED) {
                throw e;
            }
            // the keys of the issuer cannot be fetched: that is no reason to doubt a token that was valid
            return caller;
        }
    }

    public String path(String parameter) {
        return http.pathParam(parameter);
    }

    /// A path parameter that must be the id of a request or of a standing retrieval.
    public String id(String parameter) {
        String id = path(parameter);
        if (!Ids.isRequestId(id)) {
            throw Refusal.of(
                    Code.INVALID_REQUEST_ID, "The id in the path must match [A-Za-z0-9][A-Za-z0-9._-]{0,126}.");
        }
        return id;
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(http.header(name)).filter(text -> !text.isBlank());
    }

    public Optional<String> query(String name) {
        return Optional.ofNullable(http.queryParam(name)).filter(text -> !text.isEmpty());
    }

    /// A number in the query.
    public int number(String name, int otherwise, int most) {
        Optional<String> text = query(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        if (!text.get().matches("\\d{1,9}") || Integer.parseInt(text.get()) > most) {
            throw Refusal.of(Code.BAD_PARAMETER, "%s must be a number from 0 to %,d.".formatted(name, most));
        }
        return Integer.parseInt(text.get());
    }

    /// The size of a page of a list.
    public int pageSize() {
        return Math.max(1, number("limit", PAGE, MAX_PAGE));
    }

    /// How long the client wants to wait (RFC 7240), at most [#longestWait].
    public Optional<Duration> preferredWait() {
        return header("Prefer").map(WAIT::matcher).filter(Matcher::find).map(found -> {
            Duration wanted = Duration.ofSeconds(Long.parseLong(found.group(1)));
            return wanted.compareTo(longestWait) > 0 ? longestWait : wanted;
        });
    }

    /// The id of the request that the client chose.
    public Optional<String> idempotencyKey() {
        // a structured-field string (as the Internet-Draft has it) and a bare token mean the same
        return header("Idempotency-Key").map(text -> text.strip().replaceAll("^\"|\"$", ""));
    }

    /// Headers for the event of this call.
    public Map<String, String> eventHeaders() {
        Map<String, String> headers = new HashMap<>();
        headers.put(FirnHeaders.PRINCIPAL, caller.principal());
        header("traceparent").ifPresent(text -> headers.put("traceparent", text));
        return headers;
    }

    public boolean isHead() {
        return http.req().getMethod().equals("HEAD");
    }

    /// Whether the call changes nothing.
    public boolean reads() {
        return isHead() || http.req().getMethod().equals("GET");
    }

    /// 200, with an entity tag of the body; or 304 if the client has it.
    ///
    /// @throws Refusal with 412 if the client wants another one
    public void answerTagged(JsonNode body) {
        String text = body.toString();
        String tag = tag(text);
        boolean isUnchanged = Conditions.isUnchanged(this, tag);
        tagged(tag);
        if (isUnchanged) {
            http.status(NOT_MODIFIED);
            return;
        }
        http.status(OK);
        http.contentType(JSON);
        http.result(text);
    }

    /// Marks the answer. Whoever keeps it has to ask whether it still holds: rights and what is stored may change.
    public void tagged(String tag) {
        http.header("ETag", tag);
        http.header("Cache-Control", "private, no-cache");
    }

    private static String tag(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "\"%s\"".formatted(HexFormat.of().formatHex(digest, 0, TAG_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public void answer(int status, JsonNode body) {
        http.status(status);
        http.contentType(JSON);
        http.result(body.toString());
    }

    public void answer(int status, JsonNode body, String requestId) {
        http.header(REQUEST_ID_HEADER, requestId);
        answer(status, body);
    }

    /// 202: the answer will be at `location`.
    public void accepted(String location, JsonNode body, String requestId) {
        http.header("Location", location);
        answer(Problem.ACCEPTED, body, requestId);
    }
}
