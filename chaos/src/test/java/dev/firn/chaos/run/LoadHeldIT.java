package dev.firn.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureSpec;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.testkit.TestStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// What the services hold: large requests, long queues, wide tables, many workers, and many small retrievals. Every
/// request must be answered, once and as it deserves; times and memory go to `target/load-report.txt`.
///
/// | property | |
/// |---|---|
/// | `firn.load.scale` | share of the counts; 1 is the whole load. Without it, nothing runs |
/// | `firn.chaos.heap` | of each service, such as `1g` |
/// | `firn.chaos.partitions` | of the requests, such as 8 |
@EnabledIfSystemProperty(named = "firn.load.scale", matches = ".+")
final class LoadHeldIT {
    private static final int UNKNOWN_FEATURES = 10_000;
    private static final int MAX_VIOLATIONS = 100;
    private static final int WAITING = 100_000;
    private static final int COLUMNS = 5_000;
    private static final int FEATURES = 10;
    private static final int WORKERS = 8;
    private static final int REQUESTS_OF_MANY_WORKERS = 4_000;
    private static final int SUSTAINED_SECONDS = 600;
    private static final int ROWS = 100;
    private static final int IN_FLIGHT = 8;
    private static final Path REPORT = Path.of("target", "load-report.txt");

    private static @Nullable ChaosRun shared;

    private final ChaosPlan plan = new ChaosPlan(Double.parseDouble(System.getProperty("firn.load.scale")), 1, 1, 1);
    private final ChaosRun run = Objects.requireNonNull(shared);

    @BeforeAll
    static void start() {
        shared = new ChaosRun(new ChaosPlan(1, 1, 1, 1), TestStack.shared());
    }

    @AfterAll
    static void stop() {
        if (shared != null) {
            shared.close();
        }
    }

    @Test
    void oneRequestWithManyUnknownFeatures() {
        int count = plan.scaled(UNKNOWN_FEATURES);
        List<String> features = IntStream.range(0, count)
                .mapToObj(i -> "no_such_view_%d:value".formatted(i))
                .toList();
        try (ServiceUnderTest worker = run.deployment.worker(Map.of())) {
            answeredAfter(small());
            long millis = answeredAfter(small().setFeatures(features));
            RetrievalResult result = run.conversation.retrieval(last()).orElseThrow();

            assertThat(result.getStatus()).isEqualTo(RetrievalStatus.FAILED);
            assertThat(result.getViolations()).hasSizeBetween(1, MAX_VIOLATIONS);
            report("one request with %,d unknown features: refused in %,d ms; worker at most %s"
                    .formatted(count, millis, peak(worker)));
        }
    }

    @Test
    void manyRequestsThatWait() {
        int count = plan.scaled(WAITING);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(ask(small()));
        }
        long began = System.nanoTime();
        try (ServiceUnderTest worker = run.deployment.worker(Map.of())) {
            run.conversation.awaitAnswers(ids, Duration.ofHours(4));
            Duration took = Duration.ofNanos(System.nanoTime() - began);

            requireAllSucceeded(ids);
            report("%,d waiting requests: all answered in %,d s, %.1f a second, start included; worker at most %s"
                    .formatted(
                            count, took.toSeconds(), count / Math.max(0.001, took.toMillis() / 1000.0), peak(worker)));
        }
    }

    @Test
    void aTableOfManyColumns() {
        int count = plan.scaled(COLUMNS);
        String table = run.id("wide").replace('-', '_');
        StringBuilder columns = new StringBuilder();
        StringBuilder values = new StringBuilder();
        for (int i = 0; i < count; i++) {
            columns.append(", c").append(i).append(" integer");
            values.append(", CAST(n AS integer)");
        }
        run.deployment
                .stack
                .trino()
                .execute(
                        "CREATE TABLE iceberg.%s.%s (id bigint, event timestamp(6) with time zone%s)"
                                .formatted(run.schema, table, columns),
                        ("INSERT INTO iceberg.%s.%s SELECT n, TIMESTAMP '2026-01-01 00:00:00 UTC'%s"
                                        + " FROM UNNEST(sequence(1, 2000)) AS s(n)")
                                .formatted(run.schema, table, values));
        List<FeatureSpec> specs = IntStream.range(0, Math.min(count, FEATURES))
                .mapToObj(i -> FeatureSpec.newBuilder()
                        .setName("c" + (long) i * count / FEATURES)
                        .setDtype("int32")
                        .build())
                .distinct()
                .toList();
        String id = run.id("register");
        long asked = System.nanoTime();
        run.conversation.ask(run.view(id, table, table, "c0").setFeatures(specs).build());
        run.conversation.awaitAnswers(List.of(id));
        long registered = Duration.ofNanos(System.nanoTime() - asked).toMillis();
        assertThat(run.conversation.registration(id).orElseThrow().getStatus())
                .isEqualTo(RegistrationStatus.REGISTERED);
        List<String> features =
                specs.stream().map(spec -> table + ":" + spec.getName()).toList();
        try (ServiceUnderTest worker = run.deployment.worker(Map.of())) {
            answeredAfter(small());
            long first = answeredAfter(small().setFeatures(features));
            long second = answeredAfter(small().setFeatures(features));

            requireAllSucceeded(List.of(last()));
            report(("a table of %,d columns: registered in %,d ms; %d of them for %d rows in %,d ms, then %,d ms;"
                            + " worker at most %s")
                    .formatted(count, registered, specs.size(), ROWS, first, second, peak(worker)));
        }
    }

    @Test
    void manyWorkersInOneGroup() {
        int count = plan.scaled(REQUESTS_OF_MANY_WORKERS);
        List<ServiceUnderTest> workers = new ArrayList<>();
        try {
            for (int i = 0; i < WORKERS; i++) {
                workers.add(run.deployment.worker(Map.of()));
            }
            workers.forEach(ServiceUnderTest::awaitReady);
            long began = System.nanoTime();
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ids.add(ask(small()));
            }
            run.conversation.awaitAnswers(ids, Duration.ofHours(1));
            Duration took = Duration.ofNanos(System.nanoTime() - began);

            requireAllSucceeded(ids);
            assertThat(workers).allMatch(ServiceUnderTest::isAlive);
            report("%d workers in one group: %,d requests answered in %,d ms; the largest worker at most %s"
                    .formatted(
                            WORKERS,
                            count,
                            took.toMillis(),
                            workers.stream()
                                    .map(LoadHeldIT::peak)
                                    .max(String::compareTo)
                                    .orElseThrow()));
        } finally {
            workers.forEach(ServiceUnderTest::close);
        }
    }

    /// Keeps a few requests open at all times. A latency is from the sending of a request to the arrival of its answer.
    @Test
    void sustainedSmallRetrievals() {
        Duration time = Duration.ofSeconds(Math.max(5, plan.scaled(SUSTAINED_SECONDS)));
        try (ServiceUnderTest worker = run.deployment.worker(Map.of())) {
            for (int i = 0; i < 20; i++) {
                answeredAfter(small());
            }
            List<String> ids = new ArrayList<>();
            Deque<CompletableFuture<RetrievalResult>> open = new ArrayDeque<>();
            long began = System.nanoTime();
            while (System.nanoTime() - began < time.toNanos()) {
                while (open.size() < IN_FLIGHT) {
                    RetrievalRequest.Builder request = small();
                    open.add(run.conversation.promise(request.getRequestId()));
                    ids.add(ask(request));
                }
                open.removeFirst().orTimeout(1, TimeUnit.MINUTES).join();
            }
            run.conversation.awaitAnswers(ids);
            double seconds = (System.nanoTime() - began) / 1e9;

            requireAllSucceeded(ids);
            long[] micros = ids.stream()
                    .mapToLong(id -> run.conversation.latency(id).toNanos() / 1_000)
                    .sorted()
                    .toArray();
            report(("small retrievals of %d rows, %d open at a time: %.1f a second over %.0f s, on %d cores;"
                            + " p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms; worker at most %s")
                    .formatted(
                            ROWS,
                            IN_FLIGHT,
                            ids.size() / seconds,
                            seconds,
                            Runtime.getRuntime().availableProcessors(),
                            quantile(micros, 0.5),
                            quantile(micros, 0.99),
                            quantile(micros, 0.999),
                            peak(worker)));
        }
    }

    private static double quantile(long[] sortedMicros, double share) {
        return sortedMicros[(int) Math.min(sortedMicros.length - 1, Math.floor(share * sortedMicros.length))] / 1000.0;
    }

    private @Nullable String last;

    private String last() {
        return Objects.requireNonNull(last);
    }

    private String ask(RetrievalRequest.Builder request) {
        run.conversation.ask(request.build());
        return request.getRequestId();
    }

    private long answeredAfter(RetrievalRequest.Builder request) {
        last = ask(request);
        run.conversation.awaitAnswers(List.of(last));
        return run.conversation.latency(last).toMillis();
    }

    /// A retrieval of 100 rows that come with the request.
    private RetrievalRequest.Builder small() {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add(Arrays.asList(Integer.toString(1 + run.random.nextInt(2_000)), "2026-02-01T00:00:00Z"));
        }
        return RetrievalRequest.newBuilder()
                .setRequestId(run.id("load"))
                .setSpine(Spine.newBuilder()
                        .setKind(SpineKind.ROWS)
                        .setColumns(List.of("id", "event_timestamp"))
                        .setRows(rows)
                        .build())
                .setFeatures(List.of(ChaosRun.VIEW + ":value"));
    }

    private void requireAllSucceeded(List<String> ids) {
        for (String id : ids) {
            RetrievalResult result = run.conversation.retrieval(id).orElseThrow();
            assertThat(result.getStatus())
                    .as("%s %s", result.getCode(), result.getMessage())
                    .isEqualTo(RetrievalStatus.SUCCEEDED);
            assertThat(result.getRows()).isEqualTo(ROWS);
        }
        var history = run.conversation.history(ids);
        assertThat(history.lost()).isEmpty();
        assertThat(history.answeredDifferently()).isEmpty();
    }

    /// The most memory that the process had, resident.
    private static String peak(ServiceUnderTest service) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(service.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .map(line -> "%6d MiB resident".formatted(Long.parseLong(line.replaceAll("\\D", "")) >> 10))
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void report(String line) {
        System.out.println("load: " + line);
        try {
            Files.createDirectories(REPORT.getParent());
            Files.writeString(
                    REPORT, line + System.lineSeparator(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
