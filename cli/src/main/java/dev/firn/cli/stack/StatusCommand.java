package dev.firn.cli.stack;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.ConnectionOptions;
import dev.firn.cli.command.ExitCode;
import dev.firn.embedded.AttachedStack;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "status",
        description =
                "Shows the parts of the embedded stack: addresses, credentials, processes, health and data folder.")
public final class StatusCommand extends ConnectedCommand {
    @Option(names = "--env", description = "Prints the addresses as shell variables: eval \"$(./firn status --env)\"")
    boolean env;

    StatusCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected ExitCode run() {
        Path folder = connection.stackFolder(context());
        AttachedStack stack = ConnectionOptions.find(folder)
                .orElseThrow(() -> CommandFailure.notReachable(
                        "No embedded stack is running in %s. Start one with ./firn up".formatted(folder), null));
        String namespace = Supervisor.namespaceOf(
                folder, connection.onStack(context(), stack, user()).namespace());
        StackStatus status = new StackStatus(folder, stack.addresses(), stack.status(), namespace);
        if (json) {
            console().answer(status.json());
        } else if (env) {
            status.environment()
                    .forEach((name, value) ->
                            console().answer("export %s='%s'".formatted(name, value.replace("'", "'\\''"))));
        } else {
            status.show(console());
        }
        return status.isHealthy() ? ExitCode.OK : ExitCode.NOT_REACHABLE;
    }
}
