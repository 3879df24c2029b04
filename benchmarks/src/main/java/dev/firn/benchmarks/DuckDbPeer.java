package dev.firn.benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// The body of DuckDB's process.
final class DuckDbPeer {
    private DuckDbPeer() {}

    /// Over the table's files.
    static void run(GeneratedFiles data, Scenario scenario, DuckDbForm form, Path results, int runs, int threads) {
        String files = data.pattern(scenario.table());
        try (Database database = Database.open(threads, false)) {
            run(database, data, scenario, form, DuckDbForm.Source.ofFiles(files), results, runs);
        }
    }

    /// Over a table of DuckDB's own in a file, into which the table's files are loaded first.
    static void runNative(
            GeneratedFiles data, Scenario scenario, DuckDbForm form, Path results, int runs, int threads) {
        Path file = results.resolve("table.duckdb");
        String files = data.pattern(scenario.table());
        try (Database database = Database.open(threads, false)) {
            long startedAt = System.nanoTime();
            database.run("attach %s as own".formatted(Database.quoted(file.toString())));
            database.run("create table own.facts as select * from " + Database.quoted(files));
            database.run("checkpoint own");
            RunLoop.loaded(System.nanoTime() - startedAt, file);
            run(database, data, scenario, form, DuckDbForm.Source.ofTable("own.facts"), results, runs);
        }
    }

    private static void run(
            Database database,
            GeneratedFiles data,
            Scenario scenario,
            DuckDbForm form,
            DuckDbForm.Source source,
            Path results,
            int runs) {
        String spine = data.spine(scenario).toString();
        AtomicInteger run = new AtomicInteger();
        RunLoop.repeat(runs, () -> {
            Path target = results.resolve("run-%d.parquet".formatted(run.incrementAndGet()));
            List<String> times = scenario.views().stream().anyMatch(view -> view.ttlMicros() > 0)
                    ? List.of(bound(database, "min", spine), bound(database, "max", spine))
                    : List.of();
            database.run("copy (%s) to %s (format parquet, compression zstd, compression_level 3, row_group_size %d)"
                    .formatted(
                            form.query(scenario, spine, source, times), Database.quoted(target.toString()), 1 << 20));
            return -1;
        });
    }

    private static String bound(Database database, String which, String spine) {
        return "timestamptz "
                + Database.quoted(database.value(
                        "select %s(%s)::varchar from %s".formatted(which, TableSpec.TIME, Database.quoted(spine))));
    }
}
