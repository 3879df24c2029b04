package dev.firn.cli;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ContextFactory;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.FailureReport;
import dev.firn.cli.demo.DemoCommand;
import dev.firn.cli.events.DeadLettersCommand;
import dev.firn.cli.events.TopicsCommand;
import dev.firn.cli.events.TraceCommand;
import dev.firn.cli.retrieval.ResultsCommand;
import dev.firn.cli.retrieval.RetrieveCommand;
import dev.firn.cli.retrieval.StandingCommand;
import dev.firn.cli.rights.RightsCommand;
import dev.firn.cli.stack.DownCommand;
import dev.firn.cli.stack.StatusCommand;
import dev.firn.cli.stack.UpCommand;
import dev.firn.cli.view.DropCommand;
import dev.firn.cli.view.RegisterCommand;
import dev.firn.cli.view.ViewsCommand;
import dev.firn.schemas.EventClasses;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The root command; all others are its subcommands.
@Command(
        name = "firn",
        mixinStandardHelpOptions = true,
        versionProvider = FirnCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        header = "Point-in-time-correct feature sets from Iceberg tables, requested by events.",
        description =
                "%nCommands talk to the cluster named by flags, --config or the environment (KAFKA_BOOTSTRAP_SERVERS,"
                        + " FIRN_CONFIG). If none is named, they talk to the embedded stack on this machine.",
        exitCodeListHeading = "%nExit codes:%n",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            RegisterCommand.class,
            ViewsCommand.class,
            DropCommand.class,
            RetrieveCommand.class,
            ResultsCommand.class,
            StandingCommand.class,
            TraceCommand.class,
            DeadLettersCommand.class,
            TopicsCommand.class,
            RightsCommand.class,
            FirnCommand.CompletionCommand.class,
            FirnCommand.TestCommand.class,
            FirnCommand.BenchCommand.class,
            CommandLine.HelpCommand.class,
        })
final class FirnCommand implements Runnable {
    private final CommandContext context;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    FirnCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public void run() {
        context.console().answer(spec.commandLine().getUsageMessage());
    }

    /// The whole command line.
    static CommandLine commandLine(CommandContext context) {
        EventClasses.trust();
        FailureReport failures = new FailureReport(context.console());
        CommandLine line = new CommandLine(FirnCommand.class, new ContextFactory(context))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures)
                .setExecutionStrategy(parsed -> run(parsed, failures));
        line.getCommandSpec().usageMessage().exitCodeList(ExitCode.described());
        return line;
    }

    /// Reports errors of the JVM too: picocli passes only exceptions to its handler.
    private static int run(CommandLine.ParseResult parsed, FailureReport failures) {
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (Error e) {
            return failures.report(e, parsed.commandSpec().commandLine(), parsed);
        }
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = FirnCommand.class.getPackage().getImplementationVersion();
            return new String[] {"firn " + (version == null ? "(from class files)" : version)};
        }
    }

    @Command(
            name = "completion",
            description = "Prints a completion script for bash and zsh. Load it with: source <(./firn completion)",
            mixinStandardHelpOptions = true)
    static final class CompletionCommand implements Runnable {
        private final CommandContext context;

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        CommandSpec spec;

        CompletionCommand(CommandContext context) {
            this.context = context;
        }

        @Override
        public void run() {
            CommandLine root = spec.root().commandLine();
            context.console().answer(AutoComplete.bash(root.getCommandName(), root));
        }
    }

    /// Exists for the help text: the script `./firn` runs the benchmarks itself.
    @Command(
            name = "bench",
            description = {
                "Runs Firn, DuckDB and Feast side by side on the same files and compares their results.",
                "./firn bench --help lists its options, docs/benchmarks.md explains its results."
            },
            mixinStandardHelpOptions = true)
    static final class BenchCommand implements Runnable {
        @Override
        public void run() {
            throw CommandFailure.usage("Run the benchmarks with the script: ./firn bench");
        }
    }

    /// Exists for the help text: the script `./firn` runs the gate itself, before Firn is built.
    @Command(
            name = "test",
            description = "Runs the whole gate: format, static analysis, unit and integration tests, the demo, and the"
                    + " clients in other languages.",
            mixinStandardHelpOptions = true)
    static final class TestCommand implements Runnable {
        @CommandLine.Option(names = "--all", description = "Includes the long runs.")
        boolean all;

        @CommandLine.Option(
                names = "--chaos",
                description = "Runs only the fault suite, in full: kills, stops and outages of all parts.")
        boolean chaos;

        @CommandLine.Option(
                names = "--seed",
                paramLabel = "N",
                description = "With --chaos: repeats the run with this seed. Without it, each run draws one.")
        @Nullable
        Long seed;

        @CommandLine.Option(
                names = "--part",
                paramLabel = "N/M",
                description = "With --chaos: runs the N-th of M parts of the scenarios.")
        @Nullable
        String part;

        @CommandLine.Option(
                names = "--scale",
                paramLabel = "FACTOR",
                description = "With --chaos: multiplies the counts of the nightly run; the gate's factor is 0.1.")
        @Nullable
        Double scale;

        @Override
        public void run() {
            throw CommandFailure.usage(
                    "Run the gate with the script: ./firn test" + (all ? " --all" : "") + (chaos ? " --chaos" : ""));
        }
    }
}
