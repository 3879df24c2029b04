package dev.firn.benchmarks;

import dev.firn.engine.MemoryBudget;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.TableHint;
import dev.firn.events.ViewUse;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.columns.ColumnCache;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.retrieval.job.Cancellation;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Progress;
import dev.firn.retrieval.job.Refresh;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.retrieval.job.RetrievalLimits;
import dev.firn.retrieval.job.Views;
import dev.firn.schemas.EventJson;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// The body of Firn's process: what a worker does with a request, up to the files of the result.
final class FirnPeer {
    static final long CACHE_BYTES = 20L << 30;
    static final long METADATA_BYTES = 64L << 20;
    private static final Duration MAX_LOAD = Duration.ofMinutes(10);
    private static final Duration MEMORY_WAIT = Duration.ofMinutes(1);

    private FirnPeer() {}

    static void run(GeneratedFiles data, Scenario scenario, Path results, int runs, int threads) {
        // makes Avro load Firn's event classes
        EventJson.read(TableHint.class, "{\"catalog\":\"c\",\"schema\":\"s\",\"table_name\":\"t\"}");
        ColumnCache columns = scenario.isHot()
                ? ColumnCache.open(results.resolve("columns"), CACHE_BYTES, InstantSource.system())
                : null;
        try (BenchTables lake = BenchTables.of(data, scenario);
                Catalogs catalogs = columns == null ? lake.catalogs() : lake.catalogs(METADATA_BYTES, columns)) {
            LongSupplier job = job(lake, catalogs, scenario, results, threads);
            if (columns != null) {
                load(columns, job, results.resolve("columns"));
            }
            RunLoop.repeatJava(runs, job);
        }
    }

    /// One retrieval. Returns the bytes it has read.
    static LongSupplier job(BenchTables lake, Catalogs catalogs, Scenario scenario, Path results, int threads) {
        Map<String, FeatureView> views = views(lake, scenario);
        RetrievalRequest request = request(lake, scenario);
        Retrieval retrieval = retrieval(catalogs, threads, Refresh.Settings.OFF);
        AtomicInteger run = new AtomicInteger();
        return () -> {
            Completed completed = retrieval.run(new Retrieval.Task(
                    request,
                    Instant.now(),
                    Views.of(views),
                    null,
                    lake.results(results.resolve("run-" + run.incrementAndGet())),
                    new Cancellation(),
                    Progress.NONE));
            // for tuning; the benchmark ignores this line
            System.out.println("milliseconds by stage: " + new TreeMap<>(completed.stageMillis()));
            if (completed.views().stream().anyMatch(view -> view.getAmbiguous() > 0)) {
                throw new IllegalStateException("the generated data has ties, on which the engines may differ");
            }
            return bytesRead(completed);
        };
    }

    /// The two uses of each column that make the cache keep it, and the writing.
    private static void load(ColumnCache columns, LongSupplier job, Path folder) {
        long unused = job.getAsLong() + job.getAsLong();
        long startedAt = System.nanoTime();
        try {
            if (!columns.awaitFills(MAX_LOAD)) {
                throw new IllegalStateException("the columns were not written within " + MAX_LOAD);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        RunLoop.loaded(System.nanoTime() - startedAt, folder);
    }

    static long bytesRead(Completed completed) {
        return completed.views().stream().mapToLong(view -> view.getBytesRead()).sum();
    }

    static Retrieval retrieval(Catalogs catalogs, int threads, Refresh.Settings refresh) {
        return new Retrieval(
                catalogs,
                new MemoryBudget(Runtime.getRuntime().maxMemory() / 2),
                new Retrieval.Settings(
                        new RetrievalLimits(50, 2_000, 1_000_000_000L),
                        Integer.MAX_VALUE,
                        ScanSettings.DEFAULTS.withThreads(threads),
                        null,
                        MEMORY_WAIT,
                        "",
                        refresh,
                        ""));
    }

    static Map<String, FeatureView> views(BenchTables lake, Scenario scenario) {
        Map<String, FeatureView> views = new HashMap<>();
        scenario.views().forEach(view -> views.put(view.name(), lake.view(scenario, view)));
        return views;
    }

    static RetrievalRequest request(BenchTables lake, Scenario scenario) {
        List<String> features = new ArrayList<>();
        List<ViewUse> uses = new ArrayList<>();
        for (Scenario.View view : scenario.views()) {
            view.features().forEach(feature -> features.add(view.name() + ":" + feature));
            if (!view.spineKeys().isEmpty()) {
                Map<String, String> keys = new HashMap<>();
                for (int k = 0; k < view.spineKeys().size(); k++) {
                    keys.put(scenario.table().keyNames().get(k), view.spineKey(scenario.table(), k));
                }
                uses.add(ViewUse.newBuilder()
                        .setView(view.name())
                        .setJoinKeys(keys)
                        .build());
            }
        }
        return RetrievalRequest.newBuilder()
                .setRequestId("bench")
                .setSpine(Spine.newBuilder()
                        .setKind(SpineKind.PARQUET)
                        .setLocations(List.of(lake.spine(scenario)))
                        .setTimestampColumn(TableSpec.TIME)
                        .build())
                .setFeatures(features)
                .setViews(uses)
                .build();
    }
}
