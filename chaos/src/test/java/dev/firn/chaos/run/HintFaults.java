package dev.firn.chaos.run;

import dev.firn.embedded.StackAddresses;
import dev.firn.events.RefreshKind;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableHint;
import dev.firn.events.ViewOutcome;
import dev.firn.schemas.Topic;
import dev.firn.testkit.Waiting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Commits come in bursts to a table that a standing retrieval reads. The hints of them are lost, doubled, sent before
/// the commit or long after it, in any order, and meanwhile the worker or the registration service is killed. Some
/// successful run must read each commit, and the last result and what it left for the next run must be right.
///
/// `-Dfirn.chaos.commits=10000` sets the number of commits, whatever the scale.
final class HintFaults implements Scenario {
    private static final List<Hint> HINTS = List.of(Hint.values());
    private static final int NIGHTLY_COMMITS = 1_000;
    /// One kill for so many commits.
    private static final int COMMITS_PER_KILL = 100;

    private static final int LONGEST_BURST = 50;
    private static final int KEPT_SNAPSHOTS = 200;
    /// Hints of nothing, for each commit.
    private static final int NOISE = 5;

    private static final int CHECKED_RUNS = 10;

    private enum Hint {
        LOST,
        DOUBLED,
        EARLY,
        LATE
    }

    @Override
    public String fault() {
        return "hints lost, doubled, early or late, and kills";
    }

    @Override
    public Outcome run(ChaosRun run) {
        String table = run.newTable();
        try (TableCommits commits =
                new TableCommits(run.deployment.stack.addresses(), run.schema, table, run.random.split())) {
            return new History(run, table, commits).outcome();
        }
    }

    /// One history of commits, hints and kills.
    private final class History {
        private final ChaosRun run;
        private final String table;
        private final TableCommits commits;
        private final String standing;
        private final RetrievalRequest retrieval;
        private final Outcome.Builder outcome = Outcome.of(fault());
        private final String registered;
        private ServiceUnderTest worker;
        private int late;

        History(ChaosRun run, String table, TableCommits commits) {
            this.run = run;
            this.table = table;
            this.commits = commits;
            this.registered = run.id("hinted");
            String view = registered.replace('-', '_');
            run.conversation.ask(run.view(registered, view, table, "value").build());
            run.conversation.awaitAnswers(List.of(registered));
            this.standing = run.id("standing");
            this.retrieval = run.retrieval(run.id("definition"), view).build();
            this.worker = run.deployment.worker(Map.of());
        }

        Outcome outcome() {
            try {
                tell(StandingAction.CREATE);
                Waiting.until(Conversation.LIMIT, () -> last().isPresent(), "the first run");
                commitAll();
                long committed = System.nanoTime();
                for (int i = 0; i < late; i++) {
                    hint(table);
                }
                awaitLastCommit();
                outcome.recovered(committed);
                requireIncremental();
                outcome.wrong(wrongRuns());
                if (!worker.isAlive()) {
                    outcome.wrong(List.of("the worker died"));
                }
                tell(StandingAction.CANCEL);
            } finally {
                worker.close();
            }
            return run.outcome(outcome, List.of(registered));
        }

        private void commitAll() {
            int wanted = Integer.getInteger("firn.chaos.commits", run.plan.scaled(NIGHTLY_COMMITS));
            int nextKill = Math.min(wanted / 2, COMMITS_PER_KILL);
            while (commits.count() < wanted) {
                int burst = Math.min(wanted - commits.count(), 1 + run.random.nextInt(LONGEST_BURST));
                for (int i = 0; i < burst; i++) {
                    commit();
                    if (commits.count() == nextKill) {
                        kill();
                        nextKill += COMMITS_PER_KILL;
                    }
                }
                if (run.random.nextInt(3) == 0) {
                    awaitLastCommit();
                }
                commits.expireAllBut(KEPT_SNAPSHOTS);
            }
        }

        private void commit() {
            Hint hint = HINTS.get(run.random.nextInt(HINTS.size()));
            if (hint == Hint.EARLY) {
                hint(table);
            }
            commits.commit(ChaosRun.ROWS);
            switch (hint) {
                case LOST, EARLY -> {}
                case DOUBLED -> {
                    hint(table);
                    hint(table);
                }
                case LATE -> late++;
            }
            for (int noise = 0; noise < NOISE; noise++) {
                hint("no_such_table_" + noise);
            }
            outcome.fired(1);
        }

        private void kill() {
            if (run.random.nextBoolean()) {
                worker.kill();
                worker = run.deployment.worker(Map.of());
            } else {
                run.registration().kill();
                run.restartRegistration();
            }
        }

        private void awaitLastCommit() {
            Waiting.until(Conversation.LIMIT, () -> commits.areRead(pinned()), "a run that reads the last commit");
        }

        /// The last run left a state: the next one starts from it.
        private void requireIncremental() {
            commits.append(ChaosRun.ROWS, 1);
            hint(table);
            awaitLastCommit();
            RetrievalResult next = last().orElseThrow();
            ViewOutcome view = next.getViews().getFirst();
            if (view.getRefresh() != RefreshKind.INCREMENTAL) {
                outcome.wrong(List.of("'%s' ran in full: %s".formatted(next.getRequestId(), view.getRefreshReason())));
            }
        }

        /// What is wrong with the last runs, compared with full runs at the same pins.
        private List<String> wrongRuns() {
            Map<String, RetrievalRequest> requests = new HashMap<>();
            succeeded().stream()
                    .sorted(Comparator.comparing(RetrievalResult::getAsOf).reversed())
                    .limit(CHECKED_RUNS)
                    .forEach(result -> requests.put(result.getRequestId(), retrieval));
            return run.wrongResults(requests);
        }

        private void tell(StandingAction action) {
            run.conversation.tell(
                    Topic.STANDING_REQUESTS,
                    standing,
                    StandingRequest.newBuilder()
                            .setRequestId(run.id("standing-request"))
                            .setStandingId(standing)
                            .setAction(action)
                            .setRetrieval(action == StandingAction.CREATE ? retrieval : null)
                            .build());
        }

        private void hint(String name) {
            run.conversation.tell(
                    Topic.TABLE_HINTS,
                    name,
                    TableHint.newBuilder()
                            .setCatalog(StackAddresses.CATALOG)
                            .setSchema$(run.schema)
                            .setTableName(name)
                            .build());
        }

        private List<RetrievalResult> succeeded() {
            return run.conversation.runs(standing).stream()
                    .filter(result -> result.getStatus() == RetrievalStatus.SUCCEEDED)
                    .toList();
        }

        private Optional<RetrievalResult> last() {
            return succeeded().stream().max(Comparator.comparing(RetrievalResult::getAsOf));
        }

        private List<Long> pinned() {
            List<Long> pinned = new ArrayList<>();
            succeeded()
                    .forEach(result -> result.getViews().stream()
                            .map(ViewOutcome::getSnapshotId)
                            .filter(Objects::nonNull)
                            .forEach(pinned::add));
            return pinned;
        }
    }
}
