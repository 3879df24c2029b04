package dev.firn.chaos.run;

import dev.firn.chaos.store.Holds;
import dev.firn.chaos.store.Holds.Hold;
import dev.firn.chaos.store.Holds.When;
import dev.firn.chaos.store.StoreWrite;
import dev.firn.events.RetrievalRequest;
import dev.firn.testkit.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// Each request is sent to all partitions, so that two workers answer it, in one of three races:
///
/// - they claim an attempt at the same moment, run side by side, and decide at the same moment;
/// - they claim at the same moment, and decide as they come;
/// - one has claimed and stands still. The other takes it for dead, runs alone and decides. Then the first one goes
///   on.
///
/// One of the two workers looks now and then whether an outcome stands, and gives up. The other does not, and decides
/// too.
final class TwoWorkersOnOneId implements Scenario {
    private static final int NIGHTLY_REQUESTS = 1_000;
    /// As many as there are slots: each worker holds all of them at once.
    private static final int BATCH = 16;
    /// Of so many batches one is overtaken.
    private static final int OVERTAKEN = 4;
    private static final Map<String, String> LOOKS =
            Map.of("firn.retrieval.slots", Integer.toString(BATCH), "firn.retrieval.handover-timeout", "1s");
    private static final Map<String, String> NEVER_LOOKS = new HashMap<>(LOOKS);

    static {
        NEVER_LOOKS.put("firn.retrieval.outcome-check-interval", "1h");
    }

    private static final String CLAIM = "/claim";
    private static final String MANIFEST = "/_manifest.json";
    /// One worker has all partitions for a while: then nothing is raced, which the report counts. Shorter than a
    /// worker waits for the store: a request that it sends again must not pass for one of the other worker.
    private static final Duration BOTH = Duration.ofSeconds(20);

    @Override
    public String fault() {
        return "two workers on one id";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        Map<String, RetrievalRequest> requests = new LinkedHashMap<>();
        try (ServiceUnderTest one = run.deployment.worker(LOOKS);
                ServiceUnderTest other = run.deployment.worker(NEVER_LOOKS)) {
            one.awaitReady();
            other.awaitReady();
            run.awaitAllPartitions();
            long began = System.nanoTime();
            int batches = Math.ceilDiv(run.plan.scaled(NIGHTLY_REQUESTS), BATCH);
            for (int i = 0; i < batches; i++) {
                Map<String, RetrievalRequest> batch = batch(run);
                if (i % OVERTAKEN == 1) {
                    overtake(run, batch);
                } else {
                    meet(run, batch);
                }
                run.deployment.store.holds().releaseAll();
                run.conversation.awaitAnswers(batch.keySet());
                requests.putAll(batch);
            }
            // the last requests of each partition come after all copies
            run.awaitAllPartitions();
            long raced = twice(run, requests, CLAIM);
            outcome.recovered(began).fired(raced);
            long decided = twice(run, requests, MANIFEST);
            System.out.printf(
                    "two workers: %d requests, %d begun by both, %d decided by both%n",
                    requests.size(), raced, decided);
            if (decided < requests.size() / 10) {
                outcome.wrong(
                        List.of("only %d of %d requests were decided by both".formatted(decided, requests.size())));
            }
            if (raced < requests.size() / 2) {
                outcome.wrong(List.of("only %d of %d requests were raced".formatted(raced, requests.size())));
            }
            outcome.wrong(run.wrongResults(requests));
            if (!one.isAlive() || !other.isAlive()) {
                outcome.wrong(List.of("a worker died"));
            }
        } finally {
            run.deployment.heal();
        }
        return run.outcome(outcome, requests.keySet());
    }

    private static Map<String, RetrievalRequest> batch(ChaosRun run) {
        Map<String, RetrievalRequest> batch = new LinkedHashMap<>();
        for (int i = 0; i < BATCH; i++) {
            String id = run.id("twice");
            batch.put(id, run.retrieval(id, ChaosRun.VIEW).build());
        }
        return batch;
    }

    /// No worker sees the other one's claim before it has sent its own. Every second request is decided by two
    /// manifests that are created at the same moment.
    private static void meet(ChaosRun run, Map<String, RetrievalRequest> batch) {
        Holds holds = run.deployment.store.holds();
        List<Hold> meetings = new ArrayList<>();
        boolean decides = false;
        for (String id : batch.keySet()) {
            meetings.add(holds.meeting(2, "PUT", "/" + id + "/", CLAIM + ".json", When.BEFORE));
            decides = !decides;
            if (decides) {
                meetings.add(holds.meeting(2, "PUT", "/" + id + MANIFEST, MANIFEST, When.BEFORE));
            }
        }
        askInAllPartitions(run, batch);
        await(() -> meetings.stream().allMatch(Hold::isReached), "both workers");
    }

    /// The worker of the first partition has claimed all requests before the other one hears of them, and is held until
    /// that one has decided them.
    private static void overtake(ChaosRun run, Map<String, RetrievalRequest> batch) {
        List<Hold> claims = new ArrayList<>();
        for (String id : batch.keySet()) {
            claims.add(run.deployment.store.holds().next("PUT", "/" + id + "/", CLAIM + ".json", When.AFTER));
        }
        batch.values().forEach(request -> run.conversation.ask(request, 0));
        await(() -> claims.stream().allMatch(Hold::isReached), "the first worker");
        askInAllPartitions(run, batch);
        await(() -> batch.keySet().stream().allMatch(run.conversation::isAnswered), "the other worker");
    }

    private static void askInAllPartitions(ChaosRun run, Map<String, RetrievalRequest> batch) {
        batch.values().forEach(request -> {
            for (int partition = 0; partition < Deployment.PARTITIONS; partition++) {
                run.conversation.ask(request, partition);
            }
        });
    }

    private static void await(BooleanSupplier condition, String who) {
        try {
            Waiting.until(BOTH, condition::getAsBoolean, who);
        } catch (AssertionError e) {
            System.out.println("not raced: " + e.getMessage());
        }
    }

    /// The requests for which two such files were sent.
    private static long twice(ChaosRun run, Map<String, RetrievalRequest> requests, String file) {
        List<StoreWrite> writes = run.deployment.store.writes();
        return requests.keySet().stream()
                .filter(id -> writes.stream()
                                .map(StoreWrite::key)
                                .filter(key -> key.contains("/" + id + "/") && key.contains(file))
                                .count()
                        > 1)
                .count();
    }
}
