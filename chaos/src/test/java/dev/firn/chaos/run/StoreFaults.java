package dev.firn.chaos.run;

import dev.firn.chaos.store.FaultPlan;
import dev.firn.chaos.store.StoreFault;
import dev.firn.events.RetrievalRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// A quarter of all requests to S3 fail while whole retrievals run.
final class StoreFaults implements Scenario {
    private static final int NIGHTLY_JOBS = 1_000;
    private static final double SHARE = 0.25;
    private static final long LATE_MILLIS = 700;

    @Override
    public String fault() {
        return "S3 fails a quarter of its requests";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Deployment deployment = run.deployment;
        Map<String, RetrievalRequest> requests = new LinkedHashMap<>();
        Outcome.Builder outcome = Outcome.of(fault());
        try (ServiceUnderTest worker = deployment.worker(Map.of("firn.retrieval.slots", "4"));
                ScheduledExecutorService late = Executors.newSingleThreadScheduledExecutor()) {
            String warm = run.id("warm");
            run.conversation.ask(run.retrieval(warm, ChaosRun.VIEW).build());
            run.conversation.awaitAnswers(List.of(warm));
            var applying = late.scheduleWithFixedDelay(
                    deployment.store::applyLate, LATE_MILLIS, LATE_MILLIS, TimeUnit.MILLISECONDS);
            deployment.store.plan(FaultPlan.everywhere(run.random.nextLong(), SHARE, StoreFault.visible()));
            long began = System.nanoTime();
            for (int i = 0; i < run.plan.scaled(NIGHTLY_JOBS); i++) {
                String id = run.id("s3");
                RetrievalRequest request = run.retrieval(id, ChaosRun.VIEW).build();
                requests.put(id, request);
                run.conversation.ask(request);
            }
            run.conversation.awaitAnswers(requests.keySet());
            outcome.recovered(began).fired(deployment.store.fired());
            if (!worker.isAlive()) {
                outcome.wrong(List.of("the worker died"));
            }
            applying.cancel(false);
            deployment.heal();
            outcome.wrong(run.wrongResults(requests));
        } finally {
            deployment.heal();
        }
        return run.outcome(outcome, requests.keySet());
    }
}
