package dev.firn.cli;

import dev.firn.cli.command.CommandContext;
import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.ContextFactory;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.FailureReport;
import dev.firn.cli.demo.DemoCommand;
import dev.firn.cli.demo.SampleCommand;
import dev.firn.cli.events.DeadLettersCommand;
import dev.firn.cli.events.TopicsCommand;
import dev.firn.cli.events.TraceCommand;
import dev.firn.cli.feast.FeastCommand;
import dev.firn.cli.inspect.InspectCommand;
import dev.firn.cli.retrieval.CancelCommand;
import dev.firn.cli.retrieval.NamesCommand;
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
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
        description = "%nCommands use the cluster that options, --config or the environment name"
                + " (KAFKA_BOOTSTRAP_SERVERS, FIRN_CONFIG), otherwise the embedded stack on this machine.",
        exitCodeListHeading = "%nExit codes:%n")
final class FirnCommand implements Runnable {
    private static final String EXAMPLES = "%nExamples:%n";
    private static final String COMPLETION = "completion";
    private static final String HELP = "help";

    /// Commands that need to know the others.
    private static final Set<String> DESCRIBE_ALL = Set.of(COMPLETION, HELP);

    /// In the order of the help text. The suppliers keep classes that no command needs from being loaded.
    private static final Map<String, Supplier<Class<?>>> COMMANDS = commands();

    private final CommandContext context;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    FirnCommand(CommandContext context) {
        this.context = context;
    }

    private static Map<String, Supplier<Class<?>>> commands() {
        Map<String, Supplier<Class<?>>> commands = new LinkedHashMap<>();
        commands.put("demo", () -> DemoCommand.class);
        commands.put("up", () -> UpCommand.class);
        commands.put("down", () -> DownCommand.class);
        commands.put("status", () -> StatusCommand.class);
        commands.put("sample", () -> SampleCommand.class);
        commands.put("register", () -> RegisterCommand.class);
        commands.put("views", () -> ViewsCommand.class);
        commands.put("drop", () -> DropCommand.class);
        commands.put("retrieve", () -> RetrieveCommand.class);
        commands.put("cancel", () -> CancelCommand.class);
        commands.put("results", () -> ResultsCommand.class);
        commands.put("standing", () -> StandingCommand.class);
        commands.put("inspect", () -> InspectCommand.class);
        commands.put("feast", () -> FeastCommand.class);
        commands.put("trace", () -> TraceCommand.class);
        commands.put("dead-letters", () -> DeadLettersCommand.class);
        commands.put("topics", () -> TopicsCommand.class);
        commands.put("rights", () -> RightsCommand.class);
        commands.put(COMPLETION, () -> CompletionCommand.class);
        commands.put("names", () -> NamesCommand.class);
        commands.put("test", () -> TestCommand.class);
        commands.put("bench", () -> BenchCommand.class);
        commands.put(HELP, () -> CommandLine.HelpCommand.class);
        return commands;
    }

    @Override
    public void run() {
        context.console().answer(spec.commandLine().getUsageMessage());
    }

    /// The whole command line.
    static CommandLine commandLine(CommandContext context) {
        return commandLine(context, COMMANDS.values());
    }

    /// As much of the command line as the arguments need: a command that they name, without its siblings. To describe a
    /// command, picocli reflects on its class and those of its options, which takes longer than many commands run.
    static CommandLine commandLine(CommandContext context, String... arguments) {
        Supplier<Class<?>> named =
                arguments.length == 0 || DESCRIBE_ALL.contains(arguments[0]) ? null : COMMANDS.get(arguments[0]);
        return commandLine(context, named == null ? COMMANDS.values() : List.of(named));
    }

    /// The setters come last because they change only the commands that are there.
    private static CommandLine commandLine(CommandContext context, Collection<Supplier<Class<?>>> commands) {
        FailureReport failures = new FailureReport(context.console());
        CommandLine line = new CommandLine(FirnCommand.class, new ContextFactory(context));
        commands.forEach(command -> line.addSubcommand(command.get()));
        line.setCaseInsensitiveEnumValuesAllowed(true)
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

    /// Exists for the help text: the script `./firn` runs the benchmarks itself.
    @Command(
            name = "bench",
            description = {
                "Runs Firn, DuckDB and Feast side by side on the same files and compares their results.",
                "./firn bench --help lists its options, docs/benchmarks.md explains its results."
            },
            footerHeading = EXAMPLES,
            footer = {"  ./firn bench", "  ./firn bench --help"},
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
            footerHeading = EXAMPLES,
            footer = {"  ./firn test", "  ./firn test --all", "  ./firn test --chaos --scale 0.1 --seed 42 --part 1/3"},
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
