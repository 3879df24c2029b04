package dev.firn.chaos.run;

import dev.firn.chaos.check.History;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.testkit.FaultyLink.Fault;
import dev.firn.testkit.Waiting;
import java.util.ArrayList;
import java.util.List;

/// Trino refuses, hangs and goes dark while good and bad views are registered: each gets the answer that it
/// deserves.
final class TrinoFaults implements Scenario {
    private static final int NIGHTLY_VIEWS = 400;
    private static final List<Fault> FAULTS = List.of(Fault.REFUSE, Fault.HANG, Fault.DARK, Fault.DARK_TO_CLIENT);

    @Override
    public String fault() {
        return "Trino refuses, hangs or is dark";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        List<String> ids = new ArrayList<>();
        int each = Math.max(2, run.plan.scaled(NIGHTLY_VIEWS) / FAULTS.size());
        try {
            for (Fault fault : FAULTS) {
                String table = run.newTable();
                long before = run.deployment.trino.fired();
                run.deployment.trino.fail(fault);
                List<String> sent = new ArrayList<>();
                for (int i = 0; i < each; i++) {
                    String id = run.id(i % 2 == 0 ? "good" : "bad");
                    sent.add(id);
                    run.conversation.ask(
                            run.view(id, id.replace('-', '_'), table, i % 2 == 0 ? "value" : "no_such_column")
                                    .build());
                }
                ids.addAll(sent);
                Waiting.until(
                        Conversation.LIMIT,
                        () -> run.deployment.trino.fired() > before,
                        fault + " to meet a validation");
                outcome.fired(run.deployment.trino.fired() - before);
                long healed = System.nanoTime();
                run.deployment.trino.heal();
                run.conversation.awaitAnswers(sent);
                outcome.recovered(healed);
            }
        } finally {
            run.deployment.heal();
        }
        History history = run.conversation.history(ids);
        outcome.wrong(history.answeredTwice()).wrong(wrongVerdicts(run, ids));
        return outcome.build(history);
    }

    static List<String> wrongVerdicts(ChaosRun run, List<String> ids) {
        List<String> problems = new ArrayList<>();
        for (String id : ids) {
            RegistrationResult result = run.conversation.registration(id).orElseThrow();
            RegistrationStatus expected =
                    id.startsWith("good") ? RegistrationStatus.REGISTERED : RegistrationStatus.REJECTED;
            if (result.getStatus() != expected) {
                problems.add("'%s' is %s instead of %s: %s"
                        .formatted(id, result.getStatus(), expected, result.getMessage()));
            }
        }
        return problems;
    }
}
