package dev.firn.cli.view;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.Times;
import dev.firn.cli.events.EventReader;
import dev.firn.cli.events.EventSender;
import dev.firn.cli.render.Console;
import dev.firn.cli.render.Json;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.Violation;
import dev.firn.lake.catalog.NearestName;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.RequestDigest;
import dev.firn.schemas.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/// Sends registrations and drops, and prints their answers.
public final class Registrations {
    private Registrations() {}

    /// Sends the request and waits for its answer.
    ///
    /// @throws CommandFailure if none arrives in time
    public static RegistrationResult ask(Connection connection, RegistrationRequest request, Duration timeout) {
        String digest = RequestDigest.of(request);
        try (EventReader answers = EventReader.fromNow(connection, Topic.REGISTRATION_RESULTS);
                EventSender sender = new EventSender(connection)) {
            sender.send(Topic.REGISTRATION_REQUESTS, request.getName(), request);
            return answers.await(
                            timeout,
                            event -> event.as(RegistrationResult.class)
                                    .filter(result -> result.getRequestId().equals(request.getRequestId())
                                            && result.getRequestDigest().equals(digest)))
                    .orElseThrow(() -> new CommandFailure(
                            ExitCode.TIMED_OUT,
                            "No answer to %s within %s. The request may still be answered: check ./firn status, and ./firn trace %s later"
                                    .formatted(request.getRequestId(), Times.format(timeout), request.getRequestId())));
        }
    }

    /// Prints the answer: of a view that was accepted as the answer of the command, otherwise what is wrong, as a note.
    static ExitCode report(RegistrationResult result, Console console, boolean json) {
        if (json) {
            console.answer(EventJson.tree(result));
        } else if (accepted(result)) {
            console.answer(answer(result));
            printFindings(console, "!", result.getWarnings());
        } else {
            console.note("firn: "
                    + (result.getViolations().isEmpty()
                            ? result.getMessage()
                            : "feature view '%s' was rejected:".formatted(result.getName())));
            printFindings(console, "✗", result.getViolations());
        }
        return exitCode(result);
    }

    private static ExitCode exitCode(RegistrationResult result) {
        if (accepted(result)) {
            return ExitCode.OK;
        }
        boolean unknown = result.getViolations().stream()
                .anyMatch(violation -> violation.getCode().equals(Code.UNKNOWN_VIEW.name()));
        return unknown ? ExitCode.NOT_FOUND : ExitCode.REFUSED;
    }

    private static boolean accepted(RegistrationResult result) {
        return result.getStatus() != RegistrationStatus.REJECTED
                && result.getStatus() != RegistrationStatus.FAILED
                && result.getStatus() != RegistrationStatus.UNKNOWN;
    }

    /// The answer to POST /feast/features: its name, source_table and message.
    private static ObjectNode answer(RegistrationResult result) {
        return Json.object()
                .put("name", result.getName())
                .put("source_table", result.getSourceTable())
                .put("message", result.getMessage());
    }

    /// `; did you mean 'customers'?`, or nothing.
    public static String didYouMean(String name, Collection<String> names) {
        return NearestName.of(name, names)
                .map(nearest -> "; did you mean '%s'?".formatted(nearest))
                .orElse("");
    }

    /// Prints violations or warnings, one per line.
    public static void printFindings(Console console, String mark, List<Violation> findings) {
        findings.forEach(finding -> console.note("  %s %s".formatted(mark, describe(finding))));
    }

    /// `CODE field: message`. A suggested name is added unless the message already contains it.
    public static String describe(Violation finding) {
        String place = finding.getField().isEmpty() ? "" : finding.getField() + ": ";
        String suggestion = finding.getSuggestion();
        String addition = suggestion == null || finding.getMessage().contains(suggestion)
                ? ""
                : "; did you mean '%s'?".formatted(suggestion);
        String sampled = finding.getSampled() ? " (sampled)" : "";
        return "%s %s%s%s%s".formatted(finding.getCode(), place, finding.getMessage(), addition, sampled);
    }
}
