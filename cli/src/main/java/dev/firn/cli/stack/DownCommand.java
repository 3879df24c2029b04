package dev.firn.cli.stack;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.ConnectionOptions;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.Times;
import dev.firn.cli.render.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;

@Command(
        name = "down",
        description = "Stops the embedded stack and Firn's services. Their data stays.",
        footer = {"  firn down", "  firn down --stack /tmp/firn"})
public final class DownCommand extends ConnectedCommand {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

    DownCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected boolean usesEvents() {
        return false;
    }

    @Override
    protected ExitCode run() {
        Path folder = connection.stackFolder(context());
        Optional<Supervisor> supervisor = Supervisor.running(folder);
        if (supervisor.isEmpty()) {
            ConnectionOptions.running(folder).ifPresent(stack -> {
                throw new CommandFailure(
                        ExitCode.REFUSED,
                        "The stack in %s was not started by ./firn up. Stop the process that started it"
                                .formatted(folder));
            });
        }
        if (supervisor.isPresent() && !supervisor.get().stop(STOP_TIMEOUT)) {
            throw new CommandFailure(
                    ExitCode.TIMED_OUT,
                    "Process %d did not stop within %s"
                            .formatted(supervisor.get().pid(), Times.format(STOP_TIMEOUT)));
        }
        if (json) {
            console().answer(Json.object().put("folder", folder.toString()).put("stopped", supervisor.isPresent()));
        } else {
            console()
                    .note(
                            supervisor.isPresent()
                                    ? "Stopped. Its data stays in " + folder
                                    : "No stack is running in " + folder);
        }
        return ExitCode.OK;
    }
}
