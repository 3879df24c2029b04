package dev.firn.cli;

import dev.firn.events.RegistrationAction;
import dev.firn.events.RegistrationRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "drop", description = "Drops a feature view; its table is not touched.")
final class DropCommand extends ConnectedCommand {
    @Parameters(paramLabel = "NAME", description = "The view.")
    String name = "";

    @Option(names = "--request-id", paramLabel = "ID", description = "Id of the request (default: a new one).")
    @Nullable
    String requestId;

    @Option(names = "--expected-version", paramLabel = "N", description = "Only if the view is at N.")
    @Nullable
    Long expectedVersion;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Times.DurationConverter.class,
            description = "How long to wait for the answer (default: ${DEFAULT-VALUE}).",
            defaultValue = "60s")
    Duration timeout = Duration.ofSeconds(60);

    DropCommand(CommandContext context) {
        super(context);
    }

    @Override
    ExitCode run() {
        RegistrationRequest request =
                request(requestId == null ? RequestIds.next(context().clock()) : requestId, name, expectedVersion);
        return Registrations.submit(connect(), console(), request, timeout, json);
    }

    static RegistrationRequest request(String requestId, String view, @Nullable Long expectedVersion) {
        return RegistrationRequest.newBuilder()
                .setRequestId(requestId)
                .setAction(RegistrationAction.DROP)
                .setName(view)
                .setExpectedVersion(expectedVersion)
                .build();
    }
}
