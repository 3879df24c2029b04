package dev.firn.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.schemas.EventClasses;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.LongSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `./firn bench fill`: measures what a request pays while columns that it reads are written to the cache.
///
/// A pair is a run without a cache, and one with a new cache whose columns have been used once: so all of them are
/// written from this run on. Pairs begin with the one and the other in turn, and whatever else the machine does
/// meets both.
@Command(
        name = "fill",
        mixinStandardHelpOptions = true,
        description = "Measures in pairs what a request pays while columns that it reads are written to the cache of"
                + " columns, in one process.")
final class FillCommand implements Callable<Integer> {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /// The JVM compiles meanwhile.
    private static final int UNMEASURED = 3;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Option(
            names = "--scenario",
            defaultValue = "uniform-10k",
            description = "Whose request and table. Default: ${DEFAULT-VALUE}.")
    String scenario = "uniform-10k";

    @Option(
            names = "--scale",
            defaultValue = "large",
            description = "small (1/50 of the rows), medium (1/5) or large. Default: ${DEFAULT-VALUE}.")
    Scale scale = Scale.LARGE;

    @Option(names = "--pairs", defaultValue = "15", description = "Default: ${DEFAULT-VALUE}.")
    int pairs = 15;

    @Option(
            names = "--data",
            defaultValue = ".firn/bench",
            description = "Where the generated data is kept. Default: ${DEFAULT-VALUE}.")
    Path folder = Path.of(".firn/bench");

    /// @param cpu seconds of all threads of the process
    private record Run(double seconds, double cpu) {}

    private record Filled(Run first, Run filling, int written, long hits) {}

    private record Pair(Run plain, Filled filled) {}

    @Override
    public Integer call() {
        Scenario measured = Scenarios.named(scenario)
                .filter(found -> !found.isInStore() && found.change() == null)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "'%s' is not a scenario of local files".formatted(scenario)))
                .at(scale);
        EventClasses.trust();
        GeneratedFiles data =
                new GeneratedFiles(folder.toAbsolutePath().normalize(), Bench.threads(), System.err::println);
        data.spine(measured);
        List<Pair> all = new ArrayList<>();
        try (BenchTables lake = BenchTables.of(data, measured)) {
            lake.table(measured.table());
            data.warm(measured);
            Path results = data.results(measured, Engines.FIRN);
            for (int pair = -UNMEASURED; pair < pairs; pair++) {
                Path own = results.resolve("pair-" + (pair + UNMEASURED));
                boolean plainFirst = pair % 2 == 0;
                Run before = plainFirst ? plain(lake, measured, own) : null;
                Filled filled = filling(lake, measured, own);
                Run plain = before == null ? plain(lake, measured, own) : before;
                GeneratedFiles.delete(own);
                if (pair >= 0) {
                    all.add(new Pair(plain, filled));
                    print(all.getLast());
                }
            }
        } finally {
            data.deleteResults();
        }
        System.out.printf("%d pairs of %s, in multiples of a run without a cache:%n", all.size(), measured.name());
        print("while columns are written", all, Filled::filling);
        print("when all columns are used for the first time", all, Filled::first);
        return 0;
    }

    private static void print(Pair pair) {
        System.out.printf(
                "PAIR %.3f s without a cache, %.3f s at the first use, %.3f s while filling; %d written, %d hits%n",
                pair.plain.seconds,
                pair.filled.first.seconds,
                pair.filled.filling.seconds,
                pair.filled.written,
                pair.filled.hits);
    }

    private static void print(String what, List<Pair> all, Function<Filled, Run> run) {
        List<Double> times = all.stream()
                .map(pair -> run.apply(pair.filled).seconds / pair.plain.seconds)
                .sorted()
                .toList();
        List<Double> cpus = all.stream()
                .map(pair -> run.apply(pair.filled).cpu / pair.plain.cpu)
                .sorted()
                .toList();
        System.out.printf(
                "%s: %.3f times as long (median; a quarter each below %.3f and above %.3f), %.3f times the CPU time%n",
                what, quantile(times, 0.5), quantile(times, 0.25), quantile(times, 0.75), quantile(cpus, 0.5));
    }

    /// The second run, as of the one with a cache.
    private static Run plain(BenchTables lake, Scenario scenario, Path folder) {
        try (Catalogs catalogs = lake.catalogs(FirnPeer.METADATA_BYTES, null)) {
            LongSupplier job = FirnPeer.job(lake, catalogs, scenario, folder.resolve("plain"), Bench.threads());
            run(job);
            return run(job);
        }
    }

    private static Filled filling(BenchTables lake, Scenario scenario, Path folder) {
        try (ColumnCache columns =
                        ColumnCache.open(folder.resolve("columns"), FirnPeer.CACHE_BYTES, InstantSource.system());
                Catalogs catalogs = lake.catalogs(FirnPeer.METADATA_BYTES, columns)) {
            LongSupplier job = FirnPeer.job(lake, catalogs, scenario, folder, Bench.threads());
            Run first = run(job);
            Run filling = run(job);
            return new Filled(first, filling, columns.entries(), columns.hits());
        }
    }

    private static Run run(LongSupplier job) {
        long cpu = SYSTEM.getProcessCpuTime();
        long began = System.nanoTime();
        long _ = job.getAsLong();
        return new Run((System.nanoTime() - began) / 1e9, (SYSTEM.getProcessCpuTime() - cpu) / 1e9);
    }

    private static double quantile(List<Double> sorted, double part) {
        return sorted.isEmpty() ? Double.NaN : sorted.get((int) (part * (sorted.size() - 1)));
    }
}
