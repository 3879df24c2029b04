package dev.firn.chaos.run;

import dev.firn.chaos.check.History;
import dev.firn.chaos.store.FaultPlan;
import dev.firn.chaos.store.StoreFault;
import dev.firn.events.RetrievalRequest;
import dev.firn.testkit.FaultyLink.Fault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Everything at once: the store fails, Trino and the schema registry are away, and both services are killed, while
/// retrievals and registrations go on.
final class CombinedFaults implements Scenario {
    private static final int NIGHTLY_ROUNDS = 30;
    private static final int EACH = 4;
    private static final double SHARE = 0.1;
    private static final List<Fault> LINK_FAULTS = List.of(Fault.values());

    @Override
    public String fault() {
        return "all faults at once";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        Deployment deployment = run.deployment;
        Map<String, RetrievalRequest> requests = new LinkedHashMap<>();
        List<String> registrations = new ArrayList<>();
        String views = run.id("combined").replace('-', '_');
        ServiceUnderTest worker = deployment.worker(WorkerKills.SLOTS);
        try {
            for (int round = 0; round < run.plan.scaled(NIGHTLY_ROUNDS); round++) {
                deployment.store.plan(FaultPlan.everywhere(run.random.nextLong(), SHARE, StoreFault.visible()));
                deployment.trino.fail(LINK_FAULTS.get(run.random.nextInt(LINK_FAULTS.size())));
                if (run.random.nextBoolean()) {
                    deployment.registry.fail(Fault.HANG);
                }
                List<String> sent = send(run, views, requests, registrations);
                worker.kill();
                run.registration().kill();
                long killed = System.nanoTime();
                outcome.fired(2);
                outcome.wrong(run.conversation.committedUnanswered(requests.keySet()));
                worker = deployment.worker(WorkerKills.SLOTS);
                run.restartRegistration();
                worker.awaitLive();
                run.registration().awaitLive();
                deployment.trino.heal();
                deployment.registry.heal();
                deployment.store.applyLate();
                run.conversation.awaitAnswers(sent);
                outcome.recovered(killed);
            }
            outcome.fired(deployment.store.fired());
            deployment.heal();
            outcome.wrong(run.wrongResults(requests));
        } finally {
            deployment.heal();
            worker.close();
        }
        History registered = run.conversation.history(registrations);
        outcome.wrong(registered.answeredTwice())
                .wrong(registered.outOfOrder())
                .wrong(registered.versionsWithGapsOrRepeats());
        registrations.addAll(requests.keySet());
        return run.outcome(outcome, registrations);
    }

    private static List<String> send(
            ChaosRun run, String views, Map<String, RetrievalRequest> requests, List<String> registrations) {
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            String id = run.id("combined-retrieval");
            requests.put(id, run.retrieval(id, ChaosRun.VIEW).build());
            run.conversation.ask(requests.get(id));
            sent.add(id);
            String registration = run.id("combined-registration");
            registrations.add(registration);
            run.conversation.ask(run.view(registration, views + "_" + i % 2, ChaosRun.VIEW, "value")
                    .setDescription("as " + registration)
                    .build());
            sent.add(registration);
        }
        return sent;
    }
}
