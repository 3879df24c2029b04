package dev.firn.benchmarks;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs one engine in one scenario. [Engines] starts it as a process.
@Command(name = "peer", hidden = true)
final class PeerCommand implements Runnable {
    @Option(names = "--engine", required = true)
    String engine = "";

    @Option(names = "--scenario", required = true)
    String scenario = "";

    @Option(names = "--table-rows", required = true)
    long tableRows;

    @Option(names = "--spine-rows", required = true)
    long spineRows;

    @Option(names = "--data", required = true)
    Path folder = Path.of("");

    @Option(names = "--results", required = true)
    Path results = Path.of("");

    @Option(names = "--runs", required = true)
    int runs;

    @Override
    public void run() {
        GeneratedFiles data = new GeneratedFiles(folder, Bench.threads(), System.err::println);
        Scenario full = Scenarios.named(scenario).orElseThrow();
        Scenario measured = full.withRows(tableRows, spineRows);
        switch (engine) {
            case Engines.FIRN -> FirnPeer.run(data, measured, results, runs, Bench.threads());
            case Engines.FIRN_FIRST, Engines.FIRN_FULL, Engines.FIRN_INCREMENTAL, Engines.FIRN_COPY ->
                System.out.println(RefreshPeer.run(data, measured, engine, results, runs, Bench.threads())
                        .line());
            case Engines.TRINO -> TrinoPeer.run(data, measured, results, runs);
            case Engines.STORE_FETCH -> StorePeer.fetch(data, measured, runs, Bench.threads());
            case Engines.STORE_GET -> StorePeer.get(data, measured, runs, Bench.threads());
            case "floor-all" -> FloorPeer.run(data.files(measured.table()), Set.of(), runs, Bench.threads());
            case "floor-keys" -> {
                Set<String> columns = new HashSet<>(measured.table().keyNames());
                columns.add(TableSpec.TIME);
                FloorPeer.run(data.files(measured.table()), columns, runs, Bench.threads());
            }
            default -> {
                boolean isNative = engine.endsWith(Engines.NATIVE);
                DuckDbForm form = DuckDbForm.valueOf(engine.substring(engine.indexOf('-') + 1)
                        .replace(Engines.NATIVE, "")
                        .toUpperCase(Locale.ROOT));
                if (isNative) {
                    DuckDbPeer.runNative(data, measured, form, results, runs, Bench.threads());
                } else {
                    DuckDbPeer.run(data, measured, form, results, runs, Bench.threads());
                }
            }
        }
    }
}
