package dev.firn.chaos.run;

import dev.firn.chaos.check.History;
import dev.firn.embedded.EmbeddedStack;
import dev.firn.embedded.Part;
import dev.firn.testkit.Waiting;
import java.util.ArrayList;
import java.util.List;

/// The broker is killed while registrations are on their way. The stack starts it again on its data.
final class BrokerKills implements Scenario {
    /// The stack gives a part up that dies more often within ten minutes.
    private static final int MOST_KILLS = 5;

    private static final int NIGHTLY_REQUESTS = 10_000;
    /// So many that fewer registrations of one view wait than may.
    private static final int VIEWS = 40;

    @Override
    public String fault() {
        return "kill -9 of the broker under registrations";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        List<String> ids = new ArrayList<>();
        String views = run.id("broker").replace('-', '_');
        int kills = Math.min(MOST_KILLS, run.plan.scaled(MOST_KILLS));
        int each = Math.max(VIEWS, run.plan.scaled(NIGHTLY_REQUESTS) / kills);
        for (int kill = 0; kill < kills; kill++) {
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < each; i++) {
                String id = run.id("under-broker");
                sent.add(id);
                run.conversation.ask(run.view(id, views + "_" + i % VIEWS, ChaosRun.VIEW, "value")
                        .setDescription("kill %d request %d".formatted(kill, i))
                        .build());
            }
            ids.addAll(sent);
            run.conversation.awaitAnswers(List.of(sent.getFirst()));
            long pid = broker(run).pid();
            ServiceUnderTest.signal(pid, "-KILL");
            long killed = System.nanoTime();
            outcome.fired(1);
            Waiting.until(
                    Conversation.LIMIT,
                    () -> broker(run).pid() != pid && broker(run).isAlive(),
                    "another broker");
            run.conversation.awaitAnswers(sent);
            outcome.recovered(killed);
        }
        History history = run.conversation.history(ids);
        outcome.wrong(run.notRegistered(ids))
                .wrong(history.answeredTwice())
                .wrong(history.outOfOrder())
                .wrong(history.versionsWithGapsOrRepeats());
        return outcome.build(history);
    }

    private static Part broker(ChaosRun run) {
        return EmbeddedStack.attach(run.deployment.stack.folder()).parts().stream()
                .filter(part -> part.name().equals("broker"))
                .findFirst()
                .orElseThrow();
    }
}
