package dev.firn.chaos.run;

import dev.firn.chaos.store.Holds.When;
import dev.firn.events.RetrievalRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/// A worker is stopped past its session while its writes are on their way. Another one answers. Then the
/// writes arrive, and the first worker goes on as if nothing had happened.
final class WorkerStops implements Scenario {
    private static final int NIGHTLY_STOPS = 17;

    @Override
    public String fault() {
        return "SIGSTOP of a worker past its session, then SIGCONT";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        Map<String, RetrievalRequest> requests = new LinkedHashMap<>();
        ServiceUnderTest worker = run.deployment.worker(WorkerKills.SLOTS);
        try {
            for (int i = 0; i < run.plan.scaled(NIGHTLY_STOPS); i++) {
                HeldWorker held = new HeldWorker(run, When.BEFORE);
                requests.putAll(held.requests());
                held.awaitHeld();
                worker.freeze();
                long stopped = System.nanoTime();
                outcome.fired(1);
                ServiceUnderTest other = run.deployment.worker(WorkerKills.SLOTS);
                outcome.wrong(run.conversation.committedUnanswered(requests.keySet()));
                run.conversation.awaitAnswers(held.requests().keySet());
                outcome.recovered(stopped);
                held.releaseAll();
                worker.thaw();
                run.awaitAllPartitions();
                worker.close();
                worker = other;
            }
            outcome.wrong(run.wrongResults(requests));
        } finally {
            worker.thaw();
            worker.close();
            run.deployment.heal();
        }
        return run.outcome(outcome, requests.keySet());
    }
}
