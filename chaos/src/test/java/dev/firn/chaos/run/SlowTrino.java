package dev.firn.chaos.run;

import dev.firn.testkit.FaultyLink.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Trino answers only in short moments, while good and bad views are registered.
final class SlowTrino implements Scenario {
    private static final int NIGHTLY_VIEWS = 100;
    private static final long HELD_MILLIS = 700;
    private static final long OPEN_MILLIS = 100;

    @Override
    public String fault() {
        return "Trino is slow";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        List<String> ids = new ArrayList<>();
        String table = run.newTable();
        long before = run.deployment.trino.fired();
        try (ScheduledExecutorService slowness = Executors.newSingleThreadScheduledExecutor()) {
            var holding = slowness.scheduleAtFixedRate(
                    () -> run.deployment.trino.fail(Fault.DARK_TO_CLIENT),
                    0,
                    HELD_MILLIS + OPEN_MILLIS,
                    TimeUnit.MILLISECONDS);
            var letting = slowness.scheduleAtFixedRate(
                    run.deployment.trino::heal, HELD_MILLIS, HELD_MILLIS + OPEN_MILLIS, TimeUnit.MILLISECONDS);
            long began = System.nanoTime();
            for (int i = 0; i < Math.max(2, run.plan.scaled(NIGHTLY_VIEWS)); i++) {
                String id = run.id(i % 2 == 0 ? "good" : "bad");
                ids.add(id);
                run.conversation.ask(
                        run.view(id, "slow_" + id.replace('-', '_'), table, i % 2 == 0 ? "value" : "no_such_column")
                                .build());
            }
            run.conversation.awaitAnswers(ids);
            outcome.recovered(began).fired(run.deployment.trino.fired() - before);
            holding.cancel(false);
            letting.cancel(false);
        } finally {
            run.deployment.heal();
        }
        outcome.wrong(TrinoFaults.wrongVerdicts(run, ids));
        var history = run.conversation.history(ids);
        outcome.wrong(history.answeredTwice());
        return outcome.build(history);
    }
}
