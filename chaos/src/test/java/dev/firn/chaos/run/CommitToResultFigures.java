package dev.firn.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackAddresses;
import dev.firn.events.RefreshKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableHint;
import dev.firn.schemas.Topic;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// How long it takes from a commit with a hint until the refreshed result is announced. The figures go to
/// `target/commit-to-result.txt`. For people: the gate does not run it. Start it with
/// `-Dfirn.chaos.poll-interval=1h`, so that nothing but the hint tells of the commit.
///
/// | property | |
/// |---|---|
/// | `firn.figures.rows` | of the table, in millions |
/// | `firn.figures.spine` | rows of the standing retrieval |
/// | `firn.figures.commits` | commits of 1,000 rows each |
final class CommitToResultFigures {
    private static final int MILLIONS = Integer.getInteger("firn.figures.rows", 1);
    private static final int SPINE_ROWS = Integer.getInteger("firn.figures.spine", 10_000);
    private static final int COMMITS = Integer.getInteger("firn.figures.commits", 20);
    private static final int WARM_UP = 5;
    private static final int KEYS = 1_000_000;
    private static final int ROWS_PER_COMMIT = 1_000;
    private static final Path FIGURES = Path.of("target", "commit-to-result.txt");

    @Test
    void fromACommitToTheRefreshedResult() {
        try (ChaosRun run = new ChaosRun(new ChaosPlan(1, 1, 1, 1), TestStack.shared());
                ServiceUnderTest worker = run.deployment.worker(Map.of())) {
            String table = table(run);
            String view = registered(run, table);
            worker.awaitReady();
            String standing = created(run, view);
            Waiting.until(
                    Conversation.LIMIT, () -> result(run, standing, _ -> true).isPresent(), "the first run");
            List<Long> micros = new ArrayList<>();
            Map<String, Long> stages = new TreeMap<>();
            try (TableCommits commits =
                    new TableCommits(run.deployment.stack.addresses(), run.schema, table, new SplittableRandom(1))) {
                for (int i = 0; i < WARM_UP + COMMITS; i++) {
                    long snapshot = commits.append(KEYS, ROWS_PER_COMMIT);
                    long committed = System.nanoTime();
                    hint(run, table);
                    RetrievalResult result = awaitResult(run, standing, snapshot);
                    long took = Duration.ofNanos(System.nanoTime() - committed).toNanos() / 1_000;
                    assertThat(result.getViews().getFirst().getRefresh())
                            .as(result.getViews().getFirst().getRefreshReason())
                            .isEqualTo(RefreshKind.INCREMENTAL);
                    if (i >= WARM_UP) {
                        micros.add(took);
                        result.getStageMillis().forEach((stage, millis) -> stages.merge(stage, millis, Long::sum));
                    }
                }
            }
            report(micros, stages);
        }
    }

    private static RetrievalResult awaitResult(ChaosRun run, String standing, long snapshot) {
        Predicate<RetrievalResult> readsIt = result ->
                Long.valueOf(snapshot).equals(result.getViews().getFirst().getSnapshotId());
        Waiting.until(Conversation.LIMIT, () -> result(run, standing, readsIt).isPresent(), "a run of " + snapshot);
        return result(run, standing, readsIt).orElseThrow();
    }

    private static Optional<RetrievalResult> result(ChaosRun run, String standing, Predicate<RetrievalResult> wanted) {
        return run.conversation.runs(standing).stream()
                .filter(result -> result.getStatus() == RetrievalStatus.SUCCEEDED)
                .filter(wanted)
                .findFirst();
    }

    /// A million rows at a time, with keys at random, in the order in which they were written.
    private static String table(ChaosRun run) {
        String table = run.newTable();
        for (int i = 0; i < MILLIONS; i++) {
            run.deployment
                    .stack
                    .trino()
                    .execute(("INSERT INTO iceberg.%s.%s SELECT 1 + random(%d), TIMESTAMP '2025-01-01 00:00:00 UTC'"
                                    + " + random(31536000) * INTERVAL '1' SECOND, CAST(random(1000000) AS integer)"
                                    + " FROM UNNEST(sequence(1, 1000)) AS a(n) CROSS JOIN UNNEST(sequence(1, 1000)) AS b(m)")
                            .formatted(run.schema, table, KEYS));
        }
        return table;
    }

    private static String registered(ChaosRun run, String table) {
        String id = run.id("figures");
        String view = id.replace('-', '_');
        run.conversation.ask(run.view(id, view, table, "value").build());
        run.conversation.awaitAnswers(List.of(id));
        return view;
    }

    private static String created(ChaosRun run, String view) {
        String standing = run.id("standing");
        RetrievalRequest retrieval =
                run.retrieval(run.id("definition"), view, SPINE_ROWS, KEYS).build();
        run.conversation.tell(
                Topic.STANDING_REQUESTS,
                standing,
                StandingRequest.newBuilder()
                        .setRequestId(run.id("create"))
                        .setStandingId(standing)
                        .setAction(StandingAction.CREATE)
                        .setRetrieval(retrieval)
                        .build());
        return standing;
    }

    private static void hint(ChaosRun run, String table) {
        run.conversation.tell(
                Topic.TABLE_HINTS,
                table,
                TableHint.newBuilder()
                        .setCatalog(StackAddresses.CATALOG)
                        .setSchema$(run.schema)
                        .setTableName(table)
                        .build());
    }

    private static void report(List<Long> micros, Map<String, Long> stages) {
        List<Long> sorted = micros.stream().sorted().toList();
        StringBuilder perRun = new StringBuilder();
        stages.forEach((stage, millis) -> perRun.append(" %s %d".formatted(stage, millis / micros.size())));
        String line = ("%d commits to a table of %d million rows, %,d spine rows: refreshed after %.2f s at the median,"
                        + " %.2f s at worst; milliseconds of a run by stage:%s")
                .formatted(
                        micros.size(),
                        MILLIONS,
                        SPINE_ROWS,
                        sorted.get(sorted.size() / 2) / 1e6,
                        sorted.getLast() / 1e6,
                        perRun);
        System.out.println(line);
        try {
            Files.createDirectories(FIGURES.getParent());
            Files.writeString(FIGURES, line + System.lineSeparator());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
