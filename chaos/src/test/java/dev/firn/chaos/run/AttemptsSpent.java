package dev.firn.chaos.run;

import dev.firn.chaos.check.StoreChecks;
import dev.firn.chaos.store.Holds.Hold;
import dev.firn.chaos.store.Holds.When;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.schemas.Code;
import dev.firn.testkit.Waiting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A request kills its worker until it has had all its attempts; then it is answered so.
final class AttemptsSpent implements Scenario {
    private static final int NIGHTLY_REQUESTS = 50;
    private static final int MAX_ATTEMPTS = 2;
    /// A worker that dies with several requests cannot know which one killed it, so the next attempt runs
    /// alone.
    private static final int MAX_KILLS = 2 * MAX_ATTEMPTS + 2;

    @Override
    public String fault() {
        return "kill -9 of a worker past the last attempt";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        List<String> ids = new ArrayList<>();
        Map<String, String> settings = new HashMap<>(WorkerKills.SLOTS);
        settings.put("firn.retrieval.max-attempts", Integer.toString(MAX_ATTEMPTS));
        ServiceUnderTest worker = run.deployment.worker(settings);
        try {
            for (int i = 0; i < run.plan.scaled(NIGHTLY_REQUESTS); i++) {
                String id = run.id("deadly");
                ids.add(id);
                Hold hold = held(run, id);
                run.conversation.ask(run.retrieval(id, ChaosRun.VIEW).build());
                long last = System.nanoTime();
                for (int kills = 0; kills < MAX_KILLS; kills++) {
                    Hold current = hold;
                    Waiting.until(
                            Conversation.LIMIT,
                            () -> current.isReached() || run.conversation.isAnswered(id),
                            "an attempt of '%s' or its answer".formatted(id));
                    if (run.conversation.isAnswered(id)) {
                        break;
                    }
                    hold = held(run, id);
                    worker.kill();
                    long killed = System.nanoTime();
                    outcome.fired(1).wrong(run.conversation.committedUnanswered(ids));
                    current.release();
                    worker = run.deployment.worker(settings);
                    last = killed;
                }
                outcome.recovered(last);
                outcome.wrong(notExhausted(run, id));
            }
            outcome.wrong(StoreChecks.manifestsNotDecidedOnce(run.deployment.store.writes()));
        } finally {
            worker.close();
            run.deployment.heal();
        }
        return run.outcome(outcome, ids);
    }

    /// Where an attempt stands still: its part is written.
    private static Hold held(ChaosRun run, String id) {
        return run.deployment.store.holds().next("PUT", "/" + id + "/", ".parquet", When.AFTER);
    }

    private static List<String> notExhausted(ChaosRun run, String id) {
        RetrievalResult result = run.conversation.retrieval(id).orElse(null);
        if (result == null) {
            return List.of("'%s' is not answered after %d kills".formatted(id, MAX_KILLS));
        }
        boolean exhausted =
                result.getStatus() == RetrievalStatus.FAILED && result.getCode().equals(Code.ATTEMPTS_EXHAUSTED.name());
        return exhausted
                ? List.of()
                : List.of("'%s' is answered %s %s".formatted(id, result.getStatus(), result.getCode()));
    }
}
