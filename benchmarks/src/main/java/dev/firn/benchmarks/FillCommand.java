package dev.firn.benchmarks;

import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.schemas.EventClasses;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
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

    private record Pair(double plain, double first, double filling, int written, long hits) {}

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
                double before = plainFirst ? plain(lake, measured, own) : 0;
                Pair filled = filling(lake, measured, own);
                double after = plainFirst ? 0 : plain(lake, measured, own);
                GeneratedFiles.delete(own);
                if (pair >= 0) {
                    all.add(new Pair(before + after, filled.first, filled.filling, filled.written, filled.hits));
                    print(all.getLast());
                }
            }
        } finally {
            data.deleteResults();
        }
        System.out.printf(
                "%d pairs of %s: while its columns are written a run takes %.3f times as long as without a cache"
                        + " (median; a quarter each below %.3f and above %.3f), with columns used once %.3f times%n",
                all.size(),
                measured.name(),
                ratio(all, 0.5),
                ratio(all, 0.25),
                ratio(all, 0.75),
                quantile(all.stream().map(pair -> pair.first / pair.plain).toList(), 0.5));
        return 0;
    }

    private static void print(Pair pair) {
        System.out.printf(
                "PAIR %.3f s without a cache, %.3f s at the first use, %.3f s while filling; %d written, %d hits%n",
                pair.plain, pair.first, pair.filling, pair.written, pair.hits);
    }

    /// The second run, as of the one with a cache.
    private static double plain(BenchTables lake, Scenario scenario, Path folder) {
        try (Catalogs catalogs = lake.catalogs(FirnPeer.METADATA_BYTES, null)) {
            LongSupplier job = FirnPeer.job(lake, catalogs, scenario, folder.resolve("plain"), Bench.threads());
            double first = seconds(job);
            return first < 0 ? first : seconds(job);
        }
    }

    private static Pair filling(BenchTables lake, Scenario scenario, Path folder) {
        try (ColumnCache columns =
                        ColumnCache.open(folder.resolve("columns"), FirnPeer.CACHE_BYTES, InstantSource.system());
                Catalogs catalogs = lake.catalogs(FirnPeer.METADATA_BYTES, columns)) {
            LongSupplier job = FirnPeer.job(lake, catalogs, scenario, folder, Bench.threads());
            double first = seconds(job);
            double filling = seconds(job);
            return new Pair(0, first, filling, columns.entries(), columns.hits());
        }
    }

    private static double seconds(LongSupplier job) {
        long began = System.nanoTime();
        long unused = job.getAsLong();
        return unused < 0 ? Double.NaN : (System.nanoTime() - began) / 1e9;
    }

    private static double ratio(List<Pair> pairs, double part) {
        return quantile(pairs.stream().map(pair -> pair.filling / pair.plain).toList(), part);
    }

    private static double quantile(List<Double> values, double part) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.isEmpty() ? Double.NaN : sorted.get((int) (part * (sorted.size() - 1)));
    }
}
