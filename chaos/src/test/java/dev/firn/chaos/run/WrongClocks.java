package dev.firn.chaos.run;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Producers whose clocks are wrong by seconds or by decades. The broker's clock counts: no request is lost, and each
/// reads the present.
final class WrongClocks implements Scenario {
    private static final int NIGHTLY_REQUESTS = 200;
    private static final Duration AROUND_NOW = Duration.ofMinutes(30);
    private static final List<Duration> OFFSETS = List.of(
            Duration.ofSeconds(-90),
            Duration.ofSeconds(90),
            Duration.ofDays(-8),
            Duration.ofDays(8),
            Duration.ofDays(-365 * 30),
            Duration.ofDays(365 * 30));

    @Override
    public String fault() {
        return "clocks of producers are wrong";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        Map<String, RetrievalRequest> requests = new LinkedHashMap<>();
        int count = Math.max(OFFSETS.size(), run.plan.scaled(NIGHTLY_REQUESTS));
        try (ServiceUnderTest worker = run.deployment.worker(WorkerKills.SLOTS)) {
            long began = System.nanoTime();
            for (int i = 0; i < count; i++) {
                String id = run.id("clock");
                RetrievalRequest request = run.retrieval(id, ChaosRun.VIEW).build();
                requests.put(id, request);
                run.conversation.ask(request, Instant.now().plus(OFFSETS.get(i % OFFSETS.size())));
            }
            run.conversation.awaitAnswers(requests.keySet());
            outcome.fired(count).recovered(began).wrong(notOfThePresent(run, requests));
            outcome.wrong(run.wrongResults(requests));
            if (!worker.isAlive()) {
                outcome.wrong(List.of("the worker died"));
            }
        }
        return run.outcome(outcome, requests.keySet());
    }

    private static List<String> notOfThePresent(ChaosRun run, Map<String, RetrievalRequest> requests) {
        List<String> problems = new ArrayList<>();
        for (String id : requests.keySet()) {
            RetrievalResult result = run.conversation.retrieval(id).orElseThrow();
            Instant asOf = result.getAsOf();
            if (result.getStatus() != RetrievalStatus.SUCCEEDED
                    || asOf == null
                    || Duration.between(asOf, Instant.now()).abs().compareTo(AROUND_NOW) > 0) {
                problems.add("'%s' is %s %s as of %s".formatted(id, result.getStatus(), result.getCode(), asOf));
            }
        }
        return problems;
    }
}
