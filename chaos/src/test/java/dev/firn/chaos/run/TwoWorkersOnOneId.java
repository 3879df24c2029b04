package dev.firn.chaos.run;

import dev.firn.chaos.store.Holds.When;
import dev.firn.events.RetrievalRequest;
import dev.firn.testkit.Waiting;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Each request is sent to two partitions at once, so that two workers answer it.
final class TwoWorkersOnOneId implements Scenario {
    private static final int NIGHTLY_REQUESTS = 1_000;
    private static final int BATCH = 4;
    private static final Map<String, String> SLOTS = Map.of("firn.retrieval.slots", Integer.toString(BATCH));
    private static final String CLAIM = "/claim";
    private static final Duration BOTH = Duration.ofSeconds(20);

    @Override
    public String fault() {
        return "two workers on one id";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        Map<String, RetrievalRequest> requests = new LinkedHashMap<>();
        try (ServiceUnderTest one = run.deployment.worker(SLOTS);
                ServiceUnderTest other = run.deployment.worker(SLOTS)) {
            one.awaitReady();
            other.awaitReady();
            run.awaitAllPartitions();
            long began = System.nanoTime();
            int left = run.plan.scaled(NIGHTLY_REQUESTS);
            while (left > 0) {
                left -= BATCH;
                requests.putAll(race(run));
            }
            run.conversation.awaitAnswers(requests.keySet());
            // the last requests of each partition come after all copies
            run.awaitAllPartitions();
            outcome.recovered(began).fired(claimedTwice(run, requests));
            outcome.wrong(run.wrongResults(requests));
            if (!one.isAlive() || !other.isAlive()) {
                outcome.wrong(List.of("a worker died"));
            }
        } finally {
            run.deployment.heal();
        }
        return run.outcome(outcome, requests.keySet());
    }

    /// Some requests in all partitions. The first worker that claims one is held until the other has claimed
    /// it too.
    private static Map<String, RetrievalRequest> race(ChaosRun run) {
        Map<String, RetrievalRequest> batch = new LinkedHashMap<>();
        for (int i = 0; i < BATCH; i++) {
            String id = run.id("twice");
            batch.put(id, run.retrieval(id, ChaosRun.VIEW).build());
            run.deployment.store.holds().next("PUT", "/" + id + "/", ".json", When.AFTER);
        }
        batch.values().forEach(request -> {
            for (int partition = 0; partition < Deployment.PARTITIONS; partition++) {
                run.conversation.ask(request, partition);
            }
        });
        try {
            Waiting.until(BOTH, () -> claimedTwice(run, batch) == BATCH, "both workers");
        } catch (AssertionError e) {
            // one worker has all partitions for a while: then nothing is raced, which the report counts
        }
        run.deployment.store.holds().releaseAll();
        run.conversation.awaitAnswers(batch.keySet());
        return batch;
    }

    /// The requests that two workers have begun.
    private static long claimedTwice(ChaosRun run, Map<String, RetrievalRequest> requests) {
        return requests.keySet().stream()
                .filter(id -> run.deployment.store.writes().stream()
                                .filter(write -> write.key().contains("/" + id + "/")
                                        && write.key().contains(CLAIM))
                                .count()
                        > 1)
                .count();
    }
}
