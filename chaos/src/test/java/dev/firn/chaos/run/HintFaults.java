package dev.firn.chaos.run;

import dev.firn.chaos.check.StoreChecks;
import dev.firn.embedded.StackAddresses;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableHint;
import dev.firn.schemas.Topic;
import dev.firn.testkit.Waiting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Rows are appended to a table that a standing retrieval reads. The hints of it are lost, doubled, sent before the
/// commit or long after it, in any order. Some successful run must read each commit, and the last run the last one.
final class HintFaults implements Scenario {
    private static final int NIGHTLY_COMMITS = 100;
    /// Hints of nothing, for each commit.
    private static final int NOISE = 5;

    private enum Hint {
        LOST,
        DOUBLED,
        EARLY,
        LATE
    }

    @Override
    public String fault() {
        return "hints lost, doubled, early or late";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        String table = run.newTable();
        String registered = run.id("hinted");
        String view = registered.replace('-', '_');
        run.conversation.ask(run.view(registered, view, table, "value").build());
        run.conversation.awaitAnswers(List.of(registered));
        String standing = run.id("standing");
        RetrievalRequest retrieval = run.retrieval(run.id("definition"), view).build();
        try (ServiceUnderTest worker = run.deployment.worker(WorkerKills.SLOTS)) {
            run.conversation.tell(
                    Topic.STANDING_REQUESTS,
                    standing,
                    StandingRequest.newBuilder()
                            .setRequestId(run.id("create"))
                            .setStandingId(standing)
                            .setAction(StandingAction.CREATE)
                            .setRetrieval(retrieval)
                            .build());
            Waiting.until(Conversation.LIMIT, () -> !succeeded(run, standing).isEmpty(), "the first run");
            int late = 0;
            for (int i = 0; i < run.plan.scaled(NIGHTLY_COMMITS); i++) {
                Hint hint = Hint.values()[run.random.nextInt(Hint.values().length)];
                if (hint == Hint.EARLY) {
                    hint(run, table);
                }
                run.deployment
                        .stack
                        .trino()
                        .execute("INSERT INTO iceberg.%s.%s VALUES (%d, TIMESTAMP '2026-01-02 00:00:00 UTC', %d)"
                                .formatted(run.schema, table, 1 + i, i));
                switch (hint) {
                    case LOST, EARLY -> {}
                    case DOUBLED -> {
                        hint(run, table);
                        hint(run, table);
                    }
                    case LATE -> late++;
                }
                for (int noise = 0; noise < NOISE; noise++) {
                    hint(run, "no_such_table_" + noise);
                }
                outcome.fired(1);
            }
            long committed = System.nanoTime();
            for (int i = 0; i < late; i++) {
                hint(run, table);
            }
            List<Long> commits = commits(run, table);
            Waiting.until(
                    Conversation.LIMIT,
                    () -> uncovered(run, standing, commits).isEmpty(),
                    "a run that reads the last commit");
            outcome.recovered(committed).wrong(uncovered(run, standing, commits));
            if (!worker.isAlive()) {
                outcome.wrong(List.of("the worker died"));
            }
            run.conversation.tell(
                    Topic.STANDING_REQUESTS,
                    standing,
                    StandingRequest.newBuilder()
                            .setRequestId(run.id("cancel"))
                            .setStandingId(standing)
                            .setAction(StandingAction.CANCEL)
                            .build());
        }
        return run.outcome(outcome, List.of(registered));
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

    private static List<RetrievalResult> succeeded(ChaosRun run, String standing) {
        return run.conversation.runs(standing).stream()
                .filter(result -> result.getStatus() == RetrievalStatus.SUCCEEDED)
                .toList();
    }

    /// The table's snapshots, oldest first. Each contains the rows of all before, because rows are only appended.
    private static List<Long> commits(ChaosRun run, String table) {
        return run
                .deployment
                .stack
                .trino()
                .query("SELECT snapshot_id FROM iceberg.%s.\"%s$snapshots\" ORDER BY committed_at"
                        .formatted(run.schema, table))
                .stream()
                .map(row -> ((Number) row.getFirst()).longValue())
                .toList();
    }

    private static List<String> uncovered(ChaosRun run, String standing, List<Long> commits) {
        Map<Long, List<Long>> ancestors = new HashMap<>();
        for (int i = 0; i < commits.size(); i++) {
            ancestors.put(commits.get(i), List.copyOf(commits.subList(0, i + 1)));
        }
        List<Long> read = new ArrayList<>();
        succeeded(run, standing)
                .forEach(result -> result.getViews().forEach(view -> {
                    Long snapshot = view.getSnapshotId();
                    if (snapshot != null) {
                        read.add(snapshot);
                    }
                }));
        return StoreChecks.uncovered(commits, read, ancestors);
    }
}
