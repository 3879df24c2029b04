package dev.firn.cli.command;

import dev.firn.cli.render.Console;
import dev.firn.embedded.StackUser;
import dev.firn.schemas.EventClasses;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// A command that talks to Firn.
@Command(
        mixinStandardHelpOptions = true,
        abbreviateSynopsis = true,
        sortOptions = false,
        showDefaultValues = false,
        footerHeading = "%nExamples:%n")
public abstract class ConnectedCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin
    protected ConnectionOptions connection = new ConnectionOptions();

    @Option(names = "--json", order = 1, description = "Prints the answer as JSON.")
    protected boolean json;

    protected ConnectedCommand(CommandContext context) {
        this.context = context;
    }

    protected final CommandContext context() {
        return context;
    }

    protected final Console console() {
        return context.console();
    }

    protected final Connection connect() {
        return connection.connect(context, user());
    }

    /// Whom a secured broker of an embedded stack sees: who may do what this command does, and no more.
    protected StackUser user() {
        return StackUser.CLIENT;
    }

    /// Whether it builds or reads events. For one that does not, Avro is not loaded.
    protected boolean usesEvents() {
        return true;
    }

    @Override
    public final Integer call() {
        if (usesEvents()) {
            EventClasses.trust();
        }
        return run().number();
    }

    protected abstract ExitCode run();
}
