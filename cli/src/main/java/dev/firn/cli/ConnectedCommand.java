package dev.firn.cli;

import dev.firn.cli.render.Console;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// A command that talks to a Firn.
@Command(mixinStandardHelpOptions = true, sortOptions = false, showDefaultValues = false)
abstract class ConnectedCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin
    ConnectionOptions connection = new ConnectionOptions();

    @Option(names = "--json", description = "Prints the answer as JSON.")
    boolean json;

    ConnectedCommand(CommandContext context) {
        this.context = context;
    }

    final CommandContext context() {
        return context;
    }

    final Console console() {
        return context.console();
    }

    final Connection connect() {
        return connection.connect(context);
    }

    @Override
    public final Integer call() {
        return run().number();
    }

    abstract ExitCode run();
}
