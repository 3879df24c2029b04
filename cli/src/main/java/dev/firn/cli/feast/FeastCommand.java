package dev.firn.cli.feast;

import dev.firn.cli.command.CommandContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Prints its help: its subcommands do the work.
@Command(
        name = "feast",
        description = "Connects Feast with Firn: firn feast init writes a Feast repository of the registered views.",
        subcommands = FeastInitCommand.class,
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  firn feast init", "  firn feast init /tmp/feast_repo --project asgard_features"})
public final class FeastCommand implements Runnable {
    private final CommandContext context;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    FeastCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public void run() {
        context.console().answer(spec.commandLine().getUsageMessage());
    }
}
