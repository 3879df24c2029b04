package dev.firn.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.testkit.TestStack;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// How many requests the services hold: long queues, many workers, and many small retrievals. Every request
/// must be answered, once and as it deserves, and the services must be ready; times and memory go to
/// `target/load-report.txt`.
///
/// | property | |
/// |---|---|
/// | `firn.load.scale` | share of the counts; 1 is the whole load. Without it, nothing runs |
/// | `firn.chaos.heap` | of each service, such as `1g` |
/// | `firn.chaos.partitions` | of the requests, such as 8 |
@EnabledIfSystemProperty(named = "firn.load.scale", matches = ".+")
final class LoadHeldIT {
    private static final int WAITING = 100_000;
    private static final int WORKERS = 8;
    private static final int REQUESTS_OF_MANY_WORKERS = 4_000;
    private static final int SUSTAINED_SECONDS = 600;
    private static final int IN_FLIGHT = 8;

    private static @Nullable ChaosRun shared;

    private final ChaosPlan plan = new ChaosPlan(Double.parseDouble(System.getProperty("firn.load.scale")), 1, 1, 1);
    private final ChaosRun run = Objects.requireNonNull(shared);
    private final SmallRetrievals small = new SmallRetrievals(run);

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
    void manyRequestsThatWait() {
        int count = plan.scaled(WAITING);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(small.ask(small.next()));
        }
        long began = System.nanoTime();
        try (ServiceUnderTest worker = run.deployment.worker(Map.of())) {
            run.conversation.awaitAnswers(ids.subList(0, 1));
            assertThat(worker.isReady()).isTrue();
            run.conversation.awaitAnswers(ids, Duration.ofHours(4));
            Duration took = Duration.ofNanos(System.nanoTime() - began);

            assertThat(worker.isReady()).isTrue();
            small.requireSucceeded(ids);
            LoadReport.add(
                    "%,d waiting requests: all answered in %,d s, %.1f a second, start included; worker at most %s"
                            .formatted(
                                    count,
                                    took.toSeconds(),
                                    count / Math.max(0.001, took.toMillis() / 1000.0),
                                    LoadReport.peak(worker)));
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
                ids.add(small.ask(small.next()));
            }
            run.conversation.awaitAnswers(ids, Duration.ofHours(1));
            Duration took = Duration.ofNanos(System.nanoTime() - began);

            small.requireSucceeded(ids);
            assertThat(workers).allMatch(ServiceUnderTest::isReady);
            LoadReport.add("%d workers in one group: %,d requests answered in %,d ms; the largest worker at most %s"
                    .formatted(
                            WORKERS,
                            count,
                            took.toMillis(),
                            workers.stream()
                                    .map(LoadReport::peak)
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
                small.millis(small.next());
            }
            List<String> ids = new ArrayList<>();
            Deque<CompletableFuture<RetrievalResult>> open = new ArrayDeque<>();
            long began = System.nanoTime();
            while (System.nanoTime() - began < time.toNanos()) {
                while (open.size() < IN_FLIGHT) {
                    RetrievalRequest.Builder request = small.next();
                    open.add(run.conversation.promise(request.getRequestId()));
                    ids.add(small.ask(request));
                }
                open.removeFirst().orTimeout(1, TimeUnit.MINUTES).join();
            }
            run.conversation.awaitAnswers(ids);
            double seconds = (System.nanoTime() - began) / 1e9;

            small.requireSucceeded(ids);
            long[] micros = ids.stream()
                    .mapToLong(id -> run.conversation.latency(id).toNanos() / 1_000)
                    .sorted()
                    .toArray();
            LoadReport.add(("small retrievals of %d rows, %d open at a time: %.1f a second over %.0f s, on %d cores;"
                            + " p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms; worker at most %s")
                    .formatted(
                            SmallRetrievals.ROWS,
                            IN_FLIGHT,
                            ids.size() / seconds,
                            seconds,
                            Runtime.getRuntime().availableProcessors(),
                            quantile(micros, 0.5),
                            quantile(micros, 0.99),
                            quantile(micros, 0.999),
                            LoadReport.peak(worker)));
        }
    }

    private static double quantile(long[] sortedMicros, double share) {
        return sortedMicros[(int) Math.min(sortedMicros.length - 1, Math.floor(share * sortedMicros.length))] / 1000.0;
    }
}
