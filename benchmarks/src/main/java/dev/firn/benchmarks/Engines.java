package dev.firn.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The engines that are measured, and how their processes are started.
final class Engines {
    static final String FIRN = "firn";
    static final String FIRN_VERSION = "0.1.0";

    /// A run of a standing retrieval before the table changes.
    static final String FIRN_FIRST = "firn-first";

    /// The same retrieval after the change.
    static final String FIRN_FULL = "firn-full";

    /// The run after the change that starts from the first one.
    static final String FIRN_INCREMENTAL = "firn-incremental";

    /// Only copies the first result.
    static final String FIRN_COPY = "firn-copy";

    static final String FEAST = "feast";
    static final String FLOOR = "floor";
    static final String TRINO = "trino";
    static final String STORE_FETCH = "store-fetch";
    static final String STORE_GET = "store-get";
    static final String NATIVE = "-native";
    static final Set<String> NAMES = names();

    /// The scenarios in which Feast and the floors run by default. Running them in all would take too long.
    private static final Set<String> SCENARIOS_WITH_ALL_ENGINES =
            Set.of("uniform-10k", "uniform-1m", "small-pages-10k");

    private static final String DUCKDB_VERSION = "2.0.0";
    private static final String TRINO_VERSION = "483";
    private static final int LARGE_SPINE_ROWS = 2_000_000;

    private final GeneratedFiles data;
    private final List<String> chosen;
    private final @Nullable FeastPeer feast;
    private final @Nullable String heap;
    private final int runs;

    /// A peer of Firn in one scenario.
    ///
    /// @param commandFor its command, given the folder for its result
    /// @param hasResult whether it computes a result, or only measures a part of the work
    record Peer(String engine, String version, Function<Path, List<String>> commandFor, boolean hasResult) {
        List<String> command(Path results) {
            return commandFor.apply(results);
        }
    }

    private Engines(
            GeneratedFiles data, List<String> chosen, @Nullable FeastPeer feast, @Nullable String heap, int runs) {
        this.data = data;
        this.chosen = chosen;
        this.feast = feast;
        this.heap = heap;
        this.runs = runs;
    }

    private static Set<String> names() {
        Set<String> names = new TreeSet<>(Set.of(FIRN_COPY, FEAST, FLOOR, TRINO, STORE_FETCH, STORE_GET));
        for (DuckDbForm form : DuckDbForm.values()) {
            names.add(form.engine());
            names.add(form.engine() + NATIVE);
        }
        return names;
    }

    /// Installs Feast if a scenario needs it.
    ///
    /// @param chosen names of engines; empty for all
    static Engines prepare(
            GeneratedFiles data,
            List<Scenario> scenarios,
            List<String> chosen,
            @Nullable Path feastPython,
            @Nullable String heap,
            int runs) {
        Optional<FeastPeer> feast = scenarios.stream().anyMatch(scenario -> runsFeast(scenario, chosen))
                ? FeastPeer.prepare(data, feastPython, System.err::println)
                : Optional.empty();
        return new Engines(data, chosen, feast.orElse(null), heap, runs);
    }

    List<String> firn(Scenario scenario, Path results) {
        return child(heap(scenario), FIRN, scenario, results);
    }

    /// The command of one process of a refresh scenario.
    List<String> refresh(String engine, Scenario scenario, Path results) {
        return child(heap(scenario), engine, scenario, results);
    }

    boolean isWanted(String engine) {
        return chosen.isEmpty() || chosen.contains(engine);
    }

    private String heap(Scenario scenario) {
        return heap != null ? heap : scenario.spine().rows() >= LARGE_SPINE_ROWS ? "3g" : "512m";
    }

    List<Peer> peers(Scenario scenario) {
        return switch (scenario.place()) {
            case STORE -> peersInStore(scenario);
            case FILES -> peersOnFiles(scenario);
            case HOT -> peersOnHotTables(scenario);
        };
    }

    /// Without DuckDB and Feast: neither includes what it needs to read from a store here.
    private List<Peer> peersInStore(Scenario scenario) {
        List<Peer> peers = new ArrayList<>();
        add(peers, new Peer(TRINO, TRINO_VERSION, to -> child("256m", TRINO, scenario, to), true));
        for (String floor : List.of(STORE_FETCH, STORE_GET)) {
            add(peers, new Peer(floor, "", to -> child("512m", floor, scenario, to), false));
        }
        return peers;
    }

    /// DuckDB's two quickest forms, on the files and on a table of its own.
    private List<Peer> peersOnHotTables(Scenario scenario) {
        List<Peer> peers = new ArrayList<>();
        for (String kind : List.of("", NATIVE)) {
            for (DuckDbForm form : List.of(DuckDbForm.SEMI, DuckDbForm.LATE)) {
                String engine = form.engine() + kind;
                add(peers, new Peer(engine, DUCKDB_VERSION, to -> child("512m", engine, scenario, to), true));
            }
        }
        return peers;
    }

    private List<Peer> peersOnFiles(Scenario scenario) {
        List<Peer> peers = new ArrayList<>();
        for (DuckDbForm form : DuckDbForm.values()) {
            add(peers, new Peer(form.engine(), DUCKDB_VERSION, to -> child("512m", form.engine(), scenario, to), true));
        }
        FeastPeer python = feast;
        if (python != null && runsFeast(scenario, chosen)) {
            peers.add(new Peer(FEAST, FeastPeer.VERSION, to -> python.command(scenario, to, runs), true));
        }
        if (isWanted(FLOOR, scenario, chosen)) {
            for (String floor : List.of("floor-all", "floor-keys")) {
                peers.add(new Peer(floor, "", to -> child("256m", floor, scenario, to), false));
            }
        }
        return peers;
    }

    private static boolean runsFeast(Scenario scenario, List<String> chosen) {
        return !scenario.isInStore()
                && scenario.change() == null
                && FeastPeer.canRun(scenario)
                && isWanted(FEAST, scenario, chosen);
    }

    private static boolean isWanted(String slow, Scenario scenario, List<String> chosen) {
        return chosen.isEmpty() ? SCENARIOS_WITH_ALL_ENGINES.contains(scenario.name()) : chosen.contains(slow);
    }

    private void add(List<Peer> peers, Peer peer) {
        if (isWanted(peer.engine())) {
            peers.add(peer);
        }
    }

    /// The command that starts this program as one peer.
    private List<String> child(String maxHeap, String engine, Scenario scenario, Path results) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + maxHeap);
        if (engine.startsWith(FIRN)) {
            // throughput matters here, not pauses; large pages, because the join's array causes many TLB misses
            command.addAll(List.of("-XX:+UseParallelGC", "-XX:+UseTransparentHugePages"));
        }
        command.addAll(List.of(
                "-Dfirn.home=" + System.getProperty("firn.home", "."),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Bench.class.getName(),
                "peer",
                "--engine=" + engine,
                "--scenario=" + scenario.name(),
                "--table-rows=" + scenario.table().rows(),
                "--spine-rows=" + scenario.spine().rows(),
                "--data=" + data.folder(),
                "--results=" + results,
                "--runs=" + runs));
        return command;
    }
}
