package dev.firn.gateway.http;

import dev.firn.events.Violation;
import dev.firn.gateway.problem.Problem;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJsonException;
import dev.firn.schemas.JsonProblem;
import dev.firn.schemas.SchemaRegistryUnavailableException;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// What a caller is told about an exception. Messages of other people's libraries stay in the log: they may name hosts
/// and paths.
public final class Faults {
    private static final Logger log = LoggerFactory.getLogger(Faults.class);

    private Faults() {}

    public static Problem problem(Throwable fault) {
        return switch (fault) {
            case Refusal refusal -> refusal.problem();
            case EventJsonException wrong -> ofBody(wrong);
            case LakeRejection rejection ->
                new Problem(
                        status(rejection.lakeCode()),
                        Code.of(rejection.code()).orElse(Code.INTERNAL),
                        String.valueOf(rejection.getMessage()),
                        List.of());
            case LakeOutage outage -> {
                log.atWarn().setCause(outage).log("The object store does not answer");
                yield new Problem(
                        Problem.UNAVAILABLE, Code.STORAGE_UNAVAILABLE, "The object store does not answer.", List.of());
            }
            case SchemaRegistryUnavailableException _ ->
                new Problem(
                        Problem.UNAVAILABLE,
                        Code.SCHEMA_REGISTRY_UNAVAILABLE,
                        "The schema registry does not answer.",
                        List.of());
            case BodyBrokenOffException _ ->
                new Problem(
                        Problem.status(Code.BODY_INCOMPLETE), Code.BODY_INCOMPLETE, "The body ended early.", List.of());
            case IOException broken -> {
                // a client that went away while it was answered is an EOFException, and no news
                Level level = broken instanceof EOFException ? Level.DEBUG : Level.ERROR;
                log.atLevel(level)
                        .setCause(broken)
                        .log("A call could not read or write, for example because the disk is full");
                yield new Problem(
                        Problem.UNAVAILABLE,
                        Code.OVERLOADED,
                        "The gateway cannot read or write what the call needs. Try again later.",
                        List.of());
            }
            default -> {
                log.atError().setCause(fault).log("A call failed");
                yield new Problem(Problem.status(Code.INTERNAL), Code.INTERNAL, "Firn has a bug.", List.of());
            }
        };
    }

    /// What the store refuses for good, no caller can mend; an operator can.
    private static int status(LakeCode code) {
        return switch (code) {
            case FILE_DENIED, STORE_REFUSED, UNSUPPORTED_STORE -> Problem.BAD_GATEWAY;
            default -> Problem.UNPROCESSABLE;
        };
    }

    private static Problem ofBody(EventJsonException wrong) {
        List<Violation> violations =
                wrong.problems().stream().map(Faults::violation).toList();
        boolean isNotJson = violations.stream().anyMatch(one -> one.getCode().equals(Code.MALFORMED_JSON.name()));
        Problem problem = Problem.of(violations, String.valueOf(wrong.getMessage()));
        return isNotJson
                ? new Problem(
                        Problem.status(Code.MALFORMED_JSON),
                        Code.MALFORMED_JSON,
                        problem.detail(),
                        problem.violations())
                : problem;
    }

    private static Violation violation(JsonProblem problem) {
        return problem.code()
                .violation(
                        problem.path(), problem.message(), problem.suggestion().orElse(null));
    }
}
