package dev.firn.chaos.run;

import dev.firn.chaos.run.HeldWorker.Phase;
import dev.firn.chaos.store.Holds.When;
import dev.firn.events.RetrievalRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/// A worker is killed while it holds six retrievals in six phases; the next one takes over.
final class WorkerKills implements Scenario {
    private static final int NIGHTLY_KILLS = 100;
    /// One for each phase, so that all are held at once.
    static final Map<String, String> SLOTS = Map.of("firn.retrieval.slots", Integer.toString(Phase.values().length));

    @Override
    public String fault() {
        return "kill -9 of a worker in six phases";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        Map<String, RetrievalRequest> requests = new LinkedHashMap<>();
        ServiceUnderTest worker = run.deployment.worker(SLOTS);
        try {
            for (int i = 0; i < run.plan.scaled(NIGHTLY_KILLS); i++) {
                HeldWorker held = new HeldWorker(run, When.AFTER);
                requests.putAll(held.requests());
                held.awaitHeld();
                held.release(Phase.ANNOUNCING);
                worker.kill();
                long killed = System.nanoTime();
                outcome.fired(1).wrong(run.conversation.committedUnanswered(requests.keySet()));
                worker = run.deployment.worker(SLOTS);
                held.releaseAll();
                run.conversation.awaitAnswers(held.requests().keySet());
                outcome.recovered(killed);
            }
            outcome.wrong(run.wrongResults(requests));
        } finally {
            worker.close();
            run.deployment.heal();
        }
        return run.outcome(outcome, requests.keySet());
    }
}
