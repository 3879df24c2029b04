package dev.firn.cli.stack;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ConnectedCommand;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ConnectionOptions;
import dev.firn.cli.command.ExitCode;
import dev.firn.embedded.AttachedStack;
import dev.firn.embedded.StackUser;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "status",
        description = "Shows the parts of the embedded stack (addresses, credentials, processes, health, data"
                + " folder), and how Firn's services are doing: neighbours that are away, how long the"
                + " oldest request has waited, parked requests, records that were put aside, and dead"
                + " letters.",
        footer = {"  firn status", "  firn status --json", "  eval \"$(firn status --env)\""})
public final class StatusCommand extends ConnectedCommand {
    @Option(names = "--env", description = "Prints the addresses as shell variables: eval \"$(./firn status --env)\"")
    boolean env;

    StatusCommand(CommandContext context) {
        super(context);
    }

    @Override
    protected boolean usesEvents() {
        return false;
    }

    @Override
    protected ExitCode run() {
        Path folder = connection.stackFolder(context());
        AttachedStack stack = ConnectionOptions.find(folder)
                .orElseThrow(() -> CommandFailure.notReachable(
                        "No embedded stack is running in %s. Start one with ./firn up".formatted(folder), null));
        Connection connected =
                new Connection(connection.onStack(context(), stack, StackUser.OPERATOR), "the stack in " + folder);
        String namespace = Supervisor.namespaceOf(folder, connected.config().namespace());
        StackStatus status = new StackStatus(folder, stack.addresses(), stack.status(), namespace);
        if (!status.isAlive()) {
            throw CommandFailure.notReachable(
                    "The stack in %s is stopped. Start it with ./firn up; its data is still there".formatted(folder),
                    null);
        }
        if (json) {
            ObjectNode all = status.json();
            services(status, connected).addTo(all);
            console().answer(all);
        } else if (env) {
            status.environment()
                    .forEach((name, value) ->
                            console().answer("export %s='%s'".formatted(name, value.replace("'", "'\\''"))));
        } else {
            status.show(console());
            services(status, connected).show(console());
        }
        return status.isHealthy() ? ExitCode.OK : ExitCode.NOT_REACHABLE;
    }

    private ServicesStatus services(StackStatus status, Connection connected) {
        return ServicesStatus.of(status, connected, context().clock());
    }
}
