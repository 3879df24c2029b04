package dev.firn.gateway.problem;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import java.util.List;

/// An error as RFC 9457 has it (`application/problem+json`), with Firn's code.
///
/// ```
/// {"type": "urn:firn:UNKNOWN_VIEW", "title": what the code means, "status": 422, "detail": the message,
///  "code": "UNKNOWN_VIEW", "fault": who has to change something, "remedy": what to do, "violations": [ … ]}
/// ```
///
/// @param violations everything that is wrong; may be empty
public record Problem(int status, Code code, String detail, List<Violation> violations) {
    /// Of an answer that is not there yet.
    public static final int ACCEPTED = 202;

    /// Of a call that comes too early or too late for the state of things.
    public static final int CONFLICT = 409;

    /// Of a neighbour that refuses what the gateway asks of it.
    public static final int BAD_GATEWAY = 502;

    /// Of a body that is understood and wrong.
    public static final int UNPROCESSABLE = 422;

    /// While a neighbour is away.
    public static final int UNAVAILABLE = 503;

    public Problem {
        violations = List.copyOf(violations);
    }

    /// What is wrong with a body. The code is that of the only violation, or else `REFUSED`.
    public static Problem of(List<Violation> violations, String detail) {
        Code code = violations.size() == 1
                ? Code.of(violations.getFirst().getCode()).orElse(Code.REFUSED)
                : Code.REFUSED;
        return new Problem(UNPROCESSABLE, code, detail, violations);
    }

    /// The status that a code usually has.
    public static int status(Code code) {
        return switch (code) {
            case NO_OUTCOME_YET, NO_ANSWER_YET -> ACCEPTED;
            case BAD_PARAMETER, BODY_INCOMPLETE, INVALID_REQUEST_ID, MALFORMED_JSON -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND, UNKNOWN_VIEW, UNKNOWN_STANDING_RETRIEVAL -> 404;
            case METHOD_NOT_ALLOWED -> 405;
            case RESULT_HAS_NO_FILES, STANDING_SUSPENDED -> CONFLICT;
            case RESULT_EXPIRED -> 410;
            case PRECONDITION_FAILED -> 412;
            case BODY_TOO_LARGE -> 413;
            case UNSUPPORTED_MEDIA_TYPE -> 415;
            case NOT_ACCEPTABLE_RANGE -> 416;
            case TOO_MANY_REQUESTS -> 429;
            case INTERNAL -> 500;
            case OVERLOADED,
                    KAFKA_UNAVAILABLE,
                    ISSUER_UNAVAILABLE,
                    STORAGE_UNAVAILABLE,
                    SCHEMA_REGISTRY_UNAVAILABLE,
                    VALIDATION_UNAVAILABLE -> UNAVAILABLE;
            default -> UNPROCESSABLE;
        };
    }

    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("type", "urn:firn:" + code.name());
        json.put("title", code.meaning());
        json.put("status", status);
        json.put("detail", detail);
        json.put("code", code.name());
        json.put("fault", code.fault().name());
        json.put("remedy", code.remedy());
        if (!violations.isEmpty()) {
            ArrayNode all = json.putArray("violations");
            violations.forEach(violation -> all.add(EventJson.tree(violation)));
        }
        return json;
    }
}
