package dev.firn.cli.view;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.AnswerTimeout;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.ExitCode;
import dev.firn.events.RegistrationRequest;
import dev.firn.schemas.EventJson;
import dev.firn.service.client.RequestIds;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "register",
        description = {
            "Registers a feature view and prints the answer.",
            "",
            "The file has the JSON body of POST /feast/features: name, entities, features, source, online. It may"
                    + " contain any other field of RegistrationRequest (docs/events.md), such as description. Durations may"
                    + " be text: \"ttl\": \"14d\", \"available_after\": \"1h\"."
        },
        footer = {
            "  firn register view.json",
            "  firn register view.json --dry-run",
            "  firn register - --expected-version 0 < view.json",
        })
public final class RegisterCommand extends ConnectedCommand {
    @Parameters(paramLabel = "FILE|-", description = "The registration as JSON; - reads standard input.")
    String file = "";

    @Option(
            names = "--request-id",
            paramLabel = "ID",
            description = "The request's id (default: request_id of the file, or a new one). Repeat it for a retry.")
    @Nullable
    String requestId;

    @Option(
            names = "--expected-version",
            paramLabel = "N",
            description = "Registers only if the view's version is N; 0 means only if it is new.")
    @Nullable
    Long expectedVersion;

    @Option(names = "--dry-run", description = "Checks the registration and stores nothing.")
    boolean dryRun;

    @Mixin
    AnswerTimeout answerTimeout = new AnswerTimeout();

    RegisterCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        RegistrationRequest request = request(context().readText(file));
        return Registrations.report(Registrations.ask(connect(), request, answerTimeout.timeout()), console(), json);
    }

    RegistrationRequest request(String text) {
        ObjectNode body = Durations.inMicros(EventJson.object(text));
        if (requestId != null) {
            body.put("request_id", requestId);
        } else if (!body.hasNonNull("request_id")) {
            body.put("request_id", RequestIds.next("cli", context().clock()));
        }
        if (expectedVersion != null) {
            body.put("expected_version", expectedVersion);
        }
        if (dryRun) {
            body.put("dry_run", true);
        }
        return EventJson.read(RegistrationRequest.class, body);
    }
}
