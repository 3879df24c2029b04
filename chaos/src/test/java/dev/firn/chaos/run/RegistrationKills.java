package dev.firn.chaos.run;

import dev.firn.chaos.check.History;
import dev.firn.testkit.FaultyLink;
import dev.firn.testkit.Waiting;
import java.util.ArrayList;
import java.util.List;

/// The registration service is killed in four phases: requests taken, a validation on its way, some answered,
/// and its state being restored.
final class RegistrationKills implements Scenario {
    private static final int NIGHTLY_KILLS = 100;
    private static final int REQUESTS = 4;
    private static final int VIEWS = 2;
    private static final int PHASES = 4;

    @Override
    public String fault() {
        return "kill -9 of the registration service in four phases";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        List<String> ids = new ArrayList<>();
        String views = run.id("killed").replace('-', '_');
        try {
            for (int round = 0; round < run.plan.scaled(NIGHTLY_KILLS); round++) {
                int phase = round % PHASES;
                String table = phase == 1 ? run.newTable() : ChaosRun.VIEW;
                long before = run.deployment.trino.fired();
                if (phase == 1) {
                    run.deployment.trino.fail(FaultyLink.Fault.DARK_TO_CLIENT);
                }
                List<String> sent = send(run, views, table, round);
                ids.addAll(sent);
                switch (phase) {
                    case 1 ->
                        Waiting.until(Conversation.LIMIT, () -> run.deployment.trino.fired() > before, "a validation");
                    case 2 -> run.conversation.awaitAnswers(List.of(sent.getFirst()));
                    default -> {}
                }
                run.registration().kill();
                long killed = System.nanoTime();
                outcome.fired(1);
                run.deployment.trino.heal();
                run.restartRegistration();
                if (phase == 3) {
                    run.registration().awaitLive();
                    run.registration().kill();
                    outcome.fired(1);
                    run.restartRegistration();
                }
                run.conversation.awaitAnswers(sent);
                outcome.recovered(killed);
            }
        } finally {
            run.deployment.heal();
        }
        History history = run.conversation.history(ids);
        outcome.wrong(run.notRegistered(ids))
                .wrong(history.answeredTwice())
                .wrong(history.outOfOrder())
                .wrong(history.versionsWithGapsOrRepeats());
        return outcome.build(history);
    }

    /// New versions of each view.
    private static List<String> send(ChaosRun run, String views, String table, int round) {
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            String id = run.id("register");
            sent.add(id);
            run.conversation.ask(run.view(id, views + "_" + i % VIEWS, table, "value")
                    .setDescription("round %d request %d".formatted(round, i))
                    .build());
        }
        return sent;
    }
}
