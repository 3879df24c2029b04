package dev.firn.chaos.run;

import dev.firn.events.RetrievalRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Each request is sent to two partitions at once, so that two workers answer it.
final class TwoWorkersOnOneId implements Scenario {
    private static final int NIGHTLY_REQUESTS = 1_000;
    private static final int IN_FLIGHT = 20;

    @Override
    public String fault() {
        return "two workers on one id";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        Map<String, RetrievalRequest> requests = new LinkedHashMap<>();
        try (ServiceUnderTest one = run.deployment.worker(Map.of());
                ServiceUnderTest other = run.deployment.worker(Map.of())) {
            long began = System.nanoTime();
            List<String> last = List.of();
            for (int i = 0; i < run.plan.scaled(NIGHTLY_REQUESTS); i++) {
                String id = run.id("twice");
                RetrievalRequest request = run.retrieval(id, ChaosRun.VIEW).build();
                requests.put(id, request);
                for (int partition = 0; partition < Deployment.PARTITIONS; partition++) {
                    run.conversation.ask(request, partition);
                }
                if (requests.size() % IN_FLIGHT == 0) {
                    run.conversation.awaitAnswers(last);
                    last = List.of(id);
                }
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

    /// The requests that two workers have begun.
    private static long claimedTwice(ChaosRun run, Map<String, RetrievalRequest> requests) {
        return requests.keySet().stream()
                .filter(id -> run.deployment.store.writes().stream()
                                .filter(write -> write.key().contains("/" + id + "/")
                                        && write.key().endsWith("/claim.json"))
                                .count()
                        > 1)
                .count();
    }
}
