package dev.firn.benchmarks;

import dev.firn.events.FeatureView;
import dev.firn.events.PreviousRun;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.TableHint;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.parquet.ColumnTasks;
import dev.firn.lake.storage.Storage;
import dev.firn.retrieval.job.Cancellation;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Progress;
import dev.firn.retrieval.job.Refresh;
import dev.firn.retrieval.job.ResultFiles;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.retrieval.job.Views;
import dev.firn.retrieval.job.refresh.StoredColumns;
import dev.firn.retrieval.outcome.Outcomes;
import dev.firn.schemas.EventJson;
import dev.firn.service.result.Manifest;
import dev.firn.service.result.RunState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.jspecify.annotations.Nullable;

/// The body of the processes that run a standing retrieval. The first one leaves a result and a state, as a worker
/// does; after a change of the table, the others start from there or from nothing. All answers must be equal.
final class RefreshPeer implements AutoCloseable {
    /// As `firn.refresh.max-changed-percent` has it by default.
    private static final int MAX_CHANGED_PERCENT = 50;

    private static final String STANDING_ID = "bench";
    private static final String MANIFEST = "_manifest.json";

    private final Path results;
    private final String root;
    private final BenchTables lake;
    private final Catalogs catalogs;
    private final Map<String, FeatureView> views;
    private final RetrievalRequest request;
    private final int threads;
    private final AtomicInteger run = new AtomicInteger();
    private final AtomicReference<@Nullable Completed> last = new AtomicReference<>();

    private RefreshPeer(GeneratedFiles data, Scenario scenario, Path results, int threads) {
        this.results = results;
        this.threads = threads;
        this.root = data.folder().resolve("results").toString();
        this.lake = BenchTables.of(data, scenario);
        this.catalogs = lake.catalogs();
        this.views = FirnPeer.views(lake, scenario);
        this.request = FirnPeer.request(lake, scenario);
    }

    /// @param results the engine's folder; beside it lies the one of [Engines#FIRN_FIRST]
    static RefreshFacts run(
            GeneratedFiles data, Scenario scenario, String engine, Path results, int runs, int threads) {
        // makes Avro load Firn's event classes
        EventJson.read(TableHint.class, "{\"catalog\":\"c\",\"schema\":\"s\",\"table_name\":\"t\"}");
        try (RefreshPeer peer = new RefreshPeer(data, scenario, results, threads)) {
            return switch (engine) {
                case Engines.FIRN_FIRST -> peer.first();
                case Engines.FIRN_FULL -> peer.full(runs);
                case Engines.FIRN_INCREMENTAL -> peer.incremental(runs);
                case Engines.FIRN_COPY -> peer.copy(runs);
                default -> throw new IllegalArgumentException(engine);
            };
        }
    }

    private RefreshFacts first() {
        String folder = results.resolve("run-1").toString();
        RetrievalRequest first = request(null);
        RunLoop.repeatJava(1, () -> {
            Completed completed = retrieve(first, refreshing(), folder);
            Manifest manifest = new Manifest(
                    Outcomes.succeeded(first, "", completed, Instant.now()).build(),
                    first,
                    completed.pins(),
                    "bench",
                    "",
                    completed.state(),
                    completed.madeFrom(),
                    null);
            storage().putIfAbsent(results.resolve(MANIFEST).toString(), manifest.toBytes());
            return FirnPeer.bytesRead(completed);
        });
        return facts();
    }

    private RefreshFacts full(int runs) {
        RunLoop.repeatJava(
                runs, () -> FirnPeer.bytesRead(retrieve(request, Refresh.Settings.OFF, folder(run.incrementAndGet()))));
        return facts();
    }

    private RefreshFacts incremental(int runs) {
        String manifest = previousManifest();
        PreviousRun previous = new PreviousRun(request(null).getRequestId(), manifest);
        RunLoop.repeatJava(
                runs,
                () -> FirnPeer.bytesRead(retrieve(request(previous), refreshing(), folder(run.incrementAndGet()))));
        return facts().withPreviousBytes(bytesLeft());
    }

    /// Decodes, digests and encodes every value of the first result, and does nothing else.
    private RefreshFacts copy(int runs) {
        List<StoredColumns.File> files = previous().result().getFiles().stream()
                .map(file -> new StoredColumns.File(file.getLocation(), file.getRows(), file.getBytes()))
                .toList();
        Schema schema = schema(Path.of(files.getFirst().location()));
        List<Integer> columns =
                IntStream.range(0, schema.columns().size()).boxed().toList();
        AtomicReference<String> digest = new AtomicReference<>("");
        RunLoop.repeatJava(runs, () -> {
            try (ColumnTasks tasks = new ColumnTasks(threads);
                    StoredColumns stored = new StoredColumns(storage(), files, schema, tasks);
                    ResultFiles copied = new ResultFiles(
                            storage(), folder(run.incrementAndGet()), schema, Integer.MAX_VALUE, threads)) {
                long[] rows = new long[Math.toIntExact(stored.rows())];
                Arrays.setAll(rows, row -> row);
                stored.gather(
                        rows,
                        columns,
                        (_, values) ->
                                copied.write(values::get, values.getFirst().size()));
                copied.finish();
                digest.set(copied.digest());
                return stored.bytesRead();
            }
        });
        return RefreshFacts.ofCopy(Objects.requireNonNull(digest.get()));
    }

    private static Schema schema(Path file) {
        try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file))) {
            return ParquetSchemaUtil.convert(reader.getFileMetaData().getSchema());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RetrievalRequest request(@Nullable PreviousRun previous) {
        return RetrievalRequest.newBuilder(request)
                .setRequestId(STANDING_ID + (previous == null ? ".r1" : ".r2") + ".0123456789abcdef")
                .setStandingId(STANDING_ID)
                .setPreviousRun(previous)
                .build();
    }

    private Refresh.Settings refreshing() {
        return new Refresh.Settings(true, MAX_CHANGED_PERCENT, root);
    }

    private Completed retrieve(RetrievalRequest asked, Refresh.Settings refresh, String folder) {
        Completed completed = FirnPeer.retrieval(catalogs, threads, refresh)
                .run(new Retrieval.Task(
                        asked, Instant.now(), Views.of(views), null, folder, new Cancellation(), Progress.NONE));
        // for tuning; the benchmark ignores this line
        System.out.println("milliseconds by stage: " + new TreeMap<>(completed.stageMillis()));
        last.set(completed);
        return completed;
    }

    private RefreshFacts facts() {
        Completed completed = last.get();
        if (completed == null) {
            throw new IllegalStateException("nothing ran");
        }
        return RefreshFacts.of(completed);
    }

    private String previousManifest() {
        return results.resolveSibling(Engines.FIRN_FIRST).resolve(MANIFEST).toString();
    }

    /// Bytes of what the first run left: its result and its state.
    private long bytesLeft() {
        Manifest manifest = previous();
        RunState state = manifest.state();
        return manifest.result().getFiles().stream()
                        .mapToLong(file -> file.getBytes())
                        .sum()
                + (state == null ? 0 : state.bytes());
    }

    private Manifest previous() {
        String location = previousManifest();
        return Manifest.parse(storage().read(location, Manifest.MAX_BYTES), location);
    }

    private Storage storage() {
        return catalogs.storage();
    }

    private String folder(int number) {
        return results.resolve("run-" + number).toString();
    }

    @Override
    public void close() {
        catalogs.close();
        lake.close();
    }
}
