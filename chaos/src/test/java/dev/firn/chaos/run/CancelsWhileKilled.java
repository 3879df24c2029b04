package dev.firn.chaos.run;

import dev.firn.chaos.check.StoreChecks;
import dev.firn.chaos.store.Holds.Hold;
import dev.firn.chaos.store.Holds.When;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.schemas.Code;
import dev.firn.testkit.Waiting;
import java.util.ArrayList;
import java.util.List;

/// A retrieval that runs is cancelled twice, and one of the two workers is killed when the cancellation is
/// decided and its decider does not know it. That may be the decider, the one that runs the retrieval, or both.
final class CancelsWhileKilled implements Scenario {
    private static final int NIGHTLY_KILLS = 40;
    /// To the request and to both commands.
    private static final int ANSWERS = 3;

    @Override
    public String fault() {
        return "kill -9 while a retrieval is cancelled";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        List<String> ids = new ArrayList<>();
        List<ServiceUnderTest> workers = new ArrayList<>(
                List.of(run.deployment.worker(WorkerKills.SLOTS), run.deployment.worker(WorkerKills.SLOTS)));
        try {
            workers.forEach(ServiceUnderTest::awaitReady);
            for (int i = 0; i < run.plan.scaled(NIGHTLY_KILLS); i++) {
                String id = run.id("cancelled");
                ids.add(id);
                RetrievalRequest request = run.retrieval(id, ChaosRun.VIEW).build();
                Hold running = run.deployment.store.holds().next("PUT", "/" + id + "/", ".parquet", When.AFTER);
                Hold decided = run.deployment.store.holds().next("PUT", "/" + id + "/", "_manifest.json", When.AFTER);
                run.conversation.ask(request);
                Waiting.until(Conversation.LIMIT, running::isReached, "the retrieval to run");
                run.conversation.cancelTwice(id);
                Waiting.until(Conversation.LIMIT, decided::isReached, "the cancellation to be decided");
                workers.removeFirst().kill();
                long killed = System.nanoTime();
                outcome.fired(1).wrong(run.conversation.committedUnanswered(ids));
                workers.add(run.deployment.worker(WorkerKills.SLOTS));
                running.release();
                decided.release();
                Waiting.until(
                        Conversation.LIMIT,
                        () -> run.conversation.counts().getOrDefault(id, 0) >= ANSWERS,
                        "answers to the request and both commands");
                outcome.recovered(killed).wrong(notCancelled(run, id));
            }
            outcome.wrong(StoreChecks.manifestsNotDecidedOnce(run.deployment.store.writes()));
        } finally {
            workers.forEach(ServiceUnderTest::close);
            run.deployment.heal();
        }
        return run.outcome(outcome, ids);
    }

    private static List<String> notCancelled(ChaosRun run, String id) {
        RetrievalResult result = run.conversation.retrieval(id).orElseThrow();
        return result.getCode().equals(Code.CANCELLED.name())
                ? List.of()
                : List.of("'%s' is answered %s %s".formatted(id, result.getStatus(), result.getCode()));
    }
}
