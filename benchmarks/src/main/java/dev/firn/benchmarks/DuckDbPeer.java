package dev.firn.benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// The body of DuckDB's process.
final class DuckDbPeer {
    private DuckDbPeer() {}

    static void run(GeneratedFiles data, Scenario scenario, DuckDbForm form, Path results, int runs, int threads) {
        String spine = data.spine(scenario).toString();
        String files = data.folderOf(scenario.table()).resolve("*.parquet").toString();
        AtomicInteger run = new AtomicInteger();
        try (Database database = Database.open(threads, false)) {
            RunLoop.repeat(runs, () -> {
                Path target = results.resolve("run-%d.parquet".formatted(run.incrementAndGet()));
                List<String> times = scenario.views().stream().anyMatch(view -> view.ttlMicros() > 0)
                        ? List.of(bound(database, "min", spine), bound(database, "max", spine))
                        : List.of();
                database.run(
                        "copy (%s) to %s (format parquet, compression zstd, compression_level 3, row_group_size %d)"
                                .formatted(
                                        form.query(scenario, spine, files, times),
                                        Database.quoted(target.toString()),
                                        1 << 20));
                return -1;
            });
        }
    }

    private static String bound(Database database, String which, String spine) {
        return "timestamptz "
                + Database.quoted(database.value(
                        "select %s(%s)::varchar from %s".formatted(which, TableSpec.TIME, Database.quoted(spine))));
    }
}
