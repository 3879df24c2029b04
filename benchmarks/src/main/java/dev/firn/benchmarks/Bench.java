package dev.firn.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.firn.embedded.EmbeddedStack;
import dev.firn.embedded.StackSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `./firn bench`.
@Command(
        name = "firn bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        subcommands = {PeerCommand.class, KernelsCommand.class, FillCommand.class},
        synopsisSubcommandLabel = "",
        header = "Runs Firn and its peers on the same files and compares their speed and their results.",
        description = {
            "%nThe engines run one after the other, each in its own process: from the Parquet files of the table and the"
                    + " spine to the Parquet files of the result (zstd, level 3). Cold is the time from the start of"
                    + " the process to its first result; warm is the median of the second half of its runs. Anon is the"
                    + " anonymous memory of the process; RSS also includes the files that it maps. All files are read"
                    + " once before each process starts, so that every engine finds them in the page cache. The ratio"
                    + " is the warm time divided by Firn's. Floor rows only decompress the table's columns. Store rows"
                    + " only fetch the join columns: as Firn does, and by plain range GETs.",
            "%nRefresh scenarios run a standing retrieval, change its table, and run it again: in full, and from its first"
                    + " run, with results that must be equal. 'Of' is the size of the files that came, of the first"
                    + " result and of its state. The speed-up is the time of the full run divided by the other one.",
            "%nThe data is generated once and kept. Run the benchmark on a quiet machine."
        })
final class Bench implements Callable<Integer> {
    /// A peer is stopped if a run takes this many times as long as Firn's.
    private static final double MAX_SLOWDOWN = 20;

    private static final double MIN_LIMIT_SECONDS = 30;
    private static final double LIMIT_WITHOUT_FIRN_SECONDS = 600;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            description = "Runs only this scenario. May be repeated. Default: all except those of growth.")
    List<String> scenarios = List.of();

    @Option(
            names = "--scale",
            paramLabel = "SIZE",
            defaultValue = "large",
            description = "small (1/50 of the rows), medium (1/5) or large. Default: ${DEFAULT-VALUE}.")
    Scale scale = Scale.LARGE;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            description =
                    "Runs only this engine besides Firn: duckdb-asof, duckdb-semi, duckdb-late, feast or floor; in scenarios"
                            + " with a store: trino, store-fetch or store-get; in those of refresh: firn-copy. May be"
                            + " repeated. Default: all, with feast"
                            + " and floor in three scenarios only.")
    List<String> engines = List.of();

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Writes the measurements to a file, one JSON object each.")
    @Nullable
    Path json;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ".firn/bench",
            description = "Where the generated data is kept. Default: ${DEFAULT-VALUE}.")
    Path folder = Path.of(".firn/bench");

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "3",
            description =
                    "Runs of each engine, including the cold one. After half a minute, two runs are enough. Quick engines"
                            + " repeat for 5 seconds, and Firn, which the JVM compiles meanwhile, for 20. Default:"
                            + " ${DEFAULT-VALUE}.")
    int runs = 3;

    @Option(
            names = "--heap",
            paramLabel = "SIZE",
            description =
                    "Heap of Firn's process, as for java -Xmx. Default: 512m, or 3g from two million spine rows on.")
    @Nullable
    String heap;

    @Option(
            names = "--feast-python",
            paramLabel = "PATH",
            description = "A Python with Feast installed. Default: a virtual environment next to the data.")
    @Nullable
    Path feastPython;

    @Option(names = "--list", description = "Lists the scenarios and exits.")
    boolean list;

    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(110);
    }

    @Override
    public Integer call() throws IOException {
        PrintStream out = System.out;
        if (list) {
            Stream.concat(Scenarios.all().stream(), Scenarios.onDemand().stream())
                    .forEach(one -> out.printf(
                            "%-21s %,12d × %,9d  %s%n",
                            one.name(), one.table().rows(), one.spine().rows(), one.description()));
            return 0;
        }
        List<Scenario> chosen = chosen();
        if (runs < 1) {
            throw new ParameterException(spec.commandLine(), "--runs must be at least 1");
        }
        GeneratedFiles data = new GeneratedFiles(folder.toAbsolutePath().normalize(), threads(), System.err::println);
        Engines all = Engines.prepare(data, chosen, engines, feastPython, heap, runs);
        List<Measurement> measured = new ArrayList<>();
        boolean different = false;
        out.printf("%d cores, %s, data in %s%n", threads(), scale, data.folder());
        long startedAt = System.nanoTime();
        for (Scenario scenario : chosen) {
            List<Measurement> ofScenario = measureAt(all, data, scenario.at(scale));
            Report.print(out, scenario.at(scale), ofScenario);
            measured.addAll(ofScenario);
            different |= ofScenario.stream().anyMatch(one -> Boolean.FALSE.equals(one.equal()));
            data.deleteResults();
        }
        out.printf(
                "%n%d scenarios in %d min%n",
                chosen.size(), Duration.ofNanos(System.nanoTime() - startedAt).toMinutes());
        if (json != null) {
            write(json, measured);
        }
        return different ? 1 : 0;
    }

    static int threads() {
        return Runtime.getRuntime().availableProcessors();
    }

    private List<Scenario> chosen() {
        List<Scenario> chosen = new ArrayList<>();
        for (String name : scenarios) {
            chosen.add(Scenarios.named(name)
                    .orElseThrow(() -> new ParameterException(
                            spec.commandLine(), "unknown scenario '%s'; --list shows all scenarios".formatted(name))));
        }
        for (String name : engines) {
            if (!Engines.NAMES.contains(name)) {
                throw new ParameterException(
                        spec.commandLine(), "unknown engine '%s', expected one of %s".formatted(name, Engines.NAMES));
            }
        }
        return chosen.isEmpty() ? Scenarios.all() : chosen;
    }

    /// Starts the embedded stack around the measurement if the scenario needs a store.
    private static List<Measurement> measureAt(Engines engines, GeneratedFiles data, Scenario scenario) {
        Change change = scenario.change();
        if (change != null) {
            return RefreshBench.measure(engines, data, scenario, change);
        }
        if (!scenario.isInStore()) {
            return measure(engines, data, scenario);
        }
        System.err.println(scenario.name() + ": starting the embedded stack");
        try (EmbeddedStack _ = EmbeddedStack.start(StackSettings.in(data.stackFolder()))) {
            return measure(engines, data, scenario);
        }
    }

    private static List<Measurement> measure(Engines engines, GeneratedFiles data, Scenario scenario) {
        data.spine(scenario);
        try (BenchTables lake = BenchTables.of(data, scenario)) {
            lake.table(scenario.table());
        }
        List<Measurement> measured = new ArrayList<>();
        try (Database database = Database.open(threads(), false)) {
            System.err.println(scenario.name() + ": " + Engines.FIRN);
            Path results = data.results(scenario, Engines.FIRN);
            data.warm(scenario);
            ChildRun.Outcome firn = ChildRun.of(engines.firn(scenario, results), Double.MAX_VALUE / 1e10);
            String expected = null;
            Measurement first = Measurement.of(scenario, Engines.FIRN, Engines.FIRN_VERSION, firn);
            if (firn.succeeded()) {
                expected = Results.content(database, scenario, results);
                first = first.withResult(Results.rows(expected), null);
            }
            measured.add(first);
            double limit = limitSeconds(firn);
            for (Engines.Peer peer : engines.peers(scenario)) {
                System.err.println(scenario.name() + ": " + peer.engine());
                Path target = data.results(scenario, peer.engine());
                data.warm(scenario);
                ChildRun.Outcome outcome = ChildRun.of(peer.command(target), limit);
                Measurement measurement = Measurement.of(scenario, peer.engine(), peer.version(), outcome);
                if (outcome.succeeded() && peer.hasResult()) {
                    String content = Results.content(database, scenario, target);
                    measurement = measurement.withResult(
                            Results.rows(content), expected == null ? null : (Boolean) content.equals(expected));
                }
                measured.add(measurement);
            }
        }
        return measured;
    }

    /// How long one run of a peer may take.
    static double limitSeconds(ChildRun.Outcome firn) {
        Double seconds = firn.warmSeconds() != null ? firn.warmSeconds() : firn.coldSeconds();
        return seconds == null ? LIMIT_WITHOUT_FIRN_SECONDS : Math.max(MIN_LIMIT_SECONDS, MAX_SLOWDOWN * seconds);
    }

    private static void write(Path file, List<Measurement> measured) throws IOException {
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        Files.write(file, mapper.writeValueAsBytes(measured));
    }
}
