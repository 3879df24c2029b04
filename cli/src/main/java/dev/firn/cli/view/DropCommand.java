package dev.firn.cli.view;

import dev.firn.cli.command.AnswerTimeout;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.RequestIds;
import dev.firn.events.RegistrationAction;
import dev.firn.events.RegistrationRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "drop", description = "Drops a feature view. Its table is not changed.")
public final class DropCommand extends ConnectedCommand {
    @Parameters(paramLabel = "NAME", description = "The view's name.")
    String name = "";

    @Option(names = "--request-id", paramLabel = "ID", description = "The request's id (default: a new one).")
    @Nullable
    String requestId;

    @Option(names = "--expected-version", paramLabel = "N", description = "Drops the view only if its version is N.")
    @Nullable
    Long expectedVersion;

    @Mixin
    AnswerTimeout answerTimeout = new AnswerTimeout();

    DropCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        Connection connected = connect();
        RegistrationRequest request =
                request(requestId == null ? RequestIds.next(context().clock()) : requestId, name, expectedVersion);
        return Registrations.submit(connected, console(), request, answerTimeout.timeout(), json);
    }

    public static RegistrationRequest request(String requestId, String view, @Nullable Long expectedVersion) {
        return RegistrationRequest.newBuilder()
                .setRequestId(requestId)
                .setAction(RegistrationAction.DROP)
                .setName(view)
                .setExpectedVersion(expectedVersion)
                .build();
    }
}
