package dev.firn.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.FeatureSpec;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.testkit.TestStack;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// How large a request and a table may be. Each large retrieval must be answered as it deserves, and small
/// ones must go on beside it. [LoadHeldIT] has the properties; times and memory go to
/// `target/load-report.txt`.
@EnabledIfSystemProperty(named = "firn.load.scale", matches = ".+")
final class SizeHeldIT {
    private static final int UNKNOWN_FEATURES = 10_000;
    private static final int MAX_VIOLATIONS = 100;
    private static final int COLUMNS = 5_000;
    private static final int FEATURES = 10;
    private static final int FILES = 1_000_000;
    private static final long FIRST_MISSING_KEY = 1_000_000;

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
    void oneRequestWithManyUnknownFeatures() {
        int count = plan.scaled(UNKNOWN_FEATURES);
        List<String> features = IntStream.range(0, count)
                .mapToObj(i -> "no_such_view_%d:value".formatted(i))
                .toList();
        try (ServiceUnderTest worker = run.deployment.worker(Map.of())) {
            small.millis(small.next());
            RetrievalRequest.Builder large = small.next().setFeatures(features);
            Bystander bystander = new Bystander(run, worker);
            try (bystander) {
                small.millis(large);
            }
            RetrievalResult result = small.result(large);

            assertThat(result.getStatus()).isEqualTo(RetrievalStatus.FAILED);
            assertThat(result.getViolations()).hasSizeBetween(1, MAX_VIOLATIONS);
            LoadReport.add(
                    "one request with %,d unknown features: refused in %,d ms with %d violations; %s; worker at most %s"
                            .formatted(
                                    count,
                                    small.latency(large),
                                    result.getViolations().size(),
                                    bystander.text(),
                                    LoadReport.peak(worker)));
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
        long registered =
                register(run.view(run.id("register"), table, table, "c0").setFeatures(specs));
        List<String> features =
                specs.stream().map(spec -> table + ":" + spec.getName()).toList();
        try (ServiceUnderTest worker = run.deployment.worker(Map.of())) {
            small.millis(small.next());
            RetrievalRequest.Builder wide = small.next().setFeatures(features);
            Bystander bystander = new Bystander(run, worker);
            try (bystander) {
                small.millis(wide);
            }
            RetrievalRequest.Builder again = small.next().setFeatures(features);
            small.millis(again);

            small.requireSucceeded(List.of(wide.getRequestId(), again.getRequestId()));
            LoadReport.add(
                    ("a table of %,d columns: registered in %,d ms; %d of them for %d rows in %,d ms, then %,d ms;"
                                    + " %s; worker at most %s")
                            .formatted(
                                    count,
                                    registered,
                                    specs.size(),
                                    SmallRetrievals.ROWS,
                                    small.latency(wide),
                                    small.latency(again),
                                    bystander.text(),
                                    LoadReport.peak(worker)));
        }
    }

    /// All but one of the files do not exist; they come after the registration, for which Trino reads a row. A
    /// retrieval of keys that lie in the one that exists succeeds. One that needs all files is refused by the
    /// limit. One that needs nine tenths of the limit is planned to its end, and then fails at the first file.
    @Test
    void aTableOfManyFiles() {
        int limit = plan.scaled(FILES);
        int count = limit + limit / 10;
        int planned = limit - limit / 10;
        String table = run.newTable();
        register(run.view(run.id("register"), table, table, "value"));
        long began = System.nanoTime();
        try (TableCommits commits =
                new TableCommits(run.deployment.stack.addresses(), run.schema, table, run.random.split())) {
            commits.appendMissing(FIRST_MISSING_KEY, count);
        }
        long written = Duration.ofNanos(System.nanoTime() - began).toSeconds();
        Map<String, String> settings = Map.of("firn.retrieval.max-files-per-scan", Integer.toString(limit));
        try (ServiceUnderTest worker = run.deployment.worker(settings)) {
            small.millis(small.next());
            RetrievalRequest.Builder one = small.next(table, 1, ChaosRun.ROWS, SmallRetrievals.LATE);
            RetrievalRequest.Builder all =
                    small.next(table, FIRST_MISSING_KEY, TableCommits.KEYS_OF_MISSING, SmallRetrievals.LATE);
            RetrievalRequest.Builder most = small.next(
                    table, FIRST_MISSING_KEY, TableCommits.KEYS_OF_MISSING, TableCommits.timeOfMissing(planned));
            Bystander bystander = new Bystander(run, worker);
            try (bystander) {
                small.millis(one);
                small.millis(all);
                small.millis(most);
            }

            small.requireSucceeded(List.of(one.getRequestId()));
            assertThat(small.result(all).getCode()).isEqualTo("TOO_MANY_FILES");
            assertThat(small.result(most).getCode()).isEqualTo("SNAPSHOT_EXPIRED");
            LoadReport.add(("a table of %,d files (written in %,d s): 100 rows of one file in %,d ms;"
                            + " keys of all files refused with TOO_MANY_FILES in %,d ms; planned for %,d files in %,d ms;"
                            + " %s; worker at most %s")
                    .formatted(
                            count,
                            written,
                            small.latency(one),
                            small.latency(all),
                            planned,
                            small.latency(most),
                            bystander.text(),
                            LoadReport.peak(worker)));
        }
    }

    /// Returns how long the answer took.
    private long register(RegistrationRequest.Builder view) {
        long asked = System.nanoTime();
        run.conversation.ask(view.build());
        run.conversation.awaitAnswers(List.of(view.getRequestId()));
        assertThat(run.conversation
                        .registration(view.getRequestId())
                        .orElseThrow()
                        .getStatus())
                .isEqualTo(RegistrationStatus.REGISTERED);
        return Duration.ofNanos(System.nanoTime() - asked).toMillis();
    }
}
