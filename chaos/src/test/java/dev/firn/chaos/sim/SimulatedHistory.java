package dev.firn.chaos.sim;

import dev.firn.chaos.check.StoreChecks;
import dev.firn.chaos.sim.SimulatedStore.Flaw;
import dev.firn.chaos.sim.SimulatedWorkers.Delivery;
import dev.firn.chaos.sim.SimulatedWorkers.Troubles;
import dev.firn.chaos.sim.SimulatedWorkers.Worker;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.schemas.Code;
import dev.firn.schemas.RequestDigest;
import dev.firn.service.result.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// One run of some requests through workers that are killed, stopped and relieved of their partitions, over a
/// store and a topic that fail; then the checks of what came out. The seed decides everything.
///
/// While faults happen, requests are delivered again as a consumer group does it: after a worker died, was
/// expelled or lost its partition. Then all faults end, every write that is late is applied, and each request
/// is delivered once more: the answers must still be those that were given before.
final class SimulatedHistory {
    private static final long MAX_STEPS = 20_000;
    private static final int MAX_REQUESTS = 3;
    private static final int MAX_TROUBLES = 6;
    private static final int LONGEST_STOP = 200;

    private final Baton baton;
    private final SplittableRandom random;
    private final SimulatedStore store;
    private final SimulatedWorkers workers;
    private final List<Delivery> deliveries = new ArrayList<>();
    private final List<Worker> started = new ArrayList<>();
    /// Attempts of an id that may have ended without an outcome by what happened to its workers.
    private final Map<String, Integer> mishaps = new TreeMap<>();

    private final Counts counts = new Counts();
    private final boolean attemptsFail;

    /// What happened.
    static final class Counts {
        int kills;
        int stops;
        int revocations;
        int storeFaults;
        int answers;
        int succeeded;
        int exhausted;
        int cancelled;
    }

    SimulatedHistory(long seed, Flaw flaw) {
        this.random = new SplittableRandom(seed);
        this.baton = new Baton(random.split(), MAX_STEPS);
        this.store = new SimulatedStore(baton, random.split(), share(), flaw);
        Troubles troubles = new Troubles(
                share(), share(), share() / 2, share(), random.nextBoolean() ? Duration.ZERO : Duration.ofHours(1));
        this.attemptsFail = troubles.bug() > 0
                || troubles.outage() > 0
                || troubles.outageLimit().isZero();
        this.workers = new SimulatedWorkers(baton, random.split(), store, troubles);
    }

    /// Half of all histories have none of a fault.
    private double share() {
        return random.nextBoolean() ? 0 : random.nextDouble() * 0.3;
    }

    Counts counts() {
        return counts;
    }

    /// Runs, and returns what is wrong.
    List<String> problems() {
        int requests = 1 + random.nextInt(MAX_REQUESTS);
        for (int i = 0; i < requests; i++) {
            // sometimes the same request twice, sometimes another one under the same id
            String id = "request-" + random.nextInt(2);
            deliveries.add(new Delivery(id, random.nextInt(4) == 0 ? "other" : "body", i));
        }
        int cancels = random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 0;
        for (int i = 0; i < cancels; i++) {
            deliveries.add(Delivery.ofCancel("request-" + random.nextInt(2), requests + i));
        }
        deliveries.forEach(this::deliver);
        baton.start(this::makeTrouble, () -> {});
        baton.run();
        store.heal();
        store.applyAllLate();
        deliveries.forEach(workers::startUndisturbed);
        baton.run();
        return checked();
    }

    private void deliver(Delivery delivery) {
        started.add(workers.start(delivery));
    }

    private void makeTrouble() {
        int troubles = random.nextInt(MAX_TROUBLES);
        while (troubles > 0 && baton.actors().size() > 1) {
            baton.step();
            if (random.nextInt(8) == 0) {
                store.applyOneLate();
            }
            if (random.nextInt(12) == 0) {
                troubles--;
                strike();
            }
        }
    }

    private void strike() {
        List<Worker> running = started.stream()
                .filter(worker -> baton.actors().contains(worker.actor()))
                .toList();
        if (running.isEmpty()) {
            return;
        }
        Worker worker = running.get(random.nextInt(running.size()));
        if (worker.actor().isKilled()) {
            return;
        }
        switch (random.nextInt(3)) {
            case 0 -> {
                counts.kills++;
                worker.actor().kill();
            }
            case 1 -> {
                // stopped past its session, it goes on without knowing that another has its requests
                counts.stops++;
                worker.actor().sleep(random.nextInt(LONGEST_STOP));
            }
            default -> {
                counts.revocations++;
                worker.cancel();
            }
        }
        mishaps.merge(worker.delivery().id(), 1, Integer::sum);
        deliver(worker.delivery());
    }

    private List<String> checked() {
        counts.storeFaults = store.injected();
        counts.answers = workers.answers().size();
        List<String> problems = new ArrayList<>(store.problems());
        if (baton.isOverLimit()) {
            problems.add("not over after %d steps".formatted(MAX_STEPS));
        }
        for (Delivery delivery : new LinkedHashSet<>(deliveries)) {
            Set<RetrievalResult> answers = new LinkedHashSet<>(workers.answers().stream()
                    .filter(answer -> answers(delivery, answer))
                    .map(SimulatedHistory::withoutTimeOfRefusal)
                    .toList());
            if (answers.size() != 1) {
                problems.add("%s has %d different answers: %s".formatted(delivery, answers.size(), answers));
            }
            answers.forEach(answer -> problems.addAll(checked(delivery, answer)));
        }
        return problems;
    }

    /// A command is answered by the outcome that stands, whatever request that belongs to.
    private static boolean answers(Delivery delivery, RetrievalResult answer) {
        return answer.getRequestId().equals(delivery.id())
                && (delivery.isCancel()
                        ? answer.getManifestLocation() != null
                        : RequestDigest.isAnsweredBy(delivery.body(), answer));
    }

    /// A request under an id that another one has is refused anew at each delivery.
    private static RetrievalResult withoutTimeOfRefusal(RetrievalResult result) {
        return result.getCode().equals(Code.REQUEST_ID_REUSED.name())
                ? RetrievalResult.newBuilder(result)
                        .setCompletedAt(Instant.EPOCH)
                        .setMessage("")
                        .build()
                : result;
    }

    private List<String> checked(Delivery delivery, RetrievalResult answer) {
        String id = delivery.id();
        if (answer.getCode().equals(Code.REQUEST_ID_REUSED.name())) {
            boolean other = deliveries.stream()
                    .anyMatch(one -> one.id().equals(id)
                            && !one.isCancel()
                            && !one.body().equals(delivery.body()));
            return other ? List.of() : List.of("%s: no other request has its id".formatted(delivery));
        }
        if (answer.getCode().equals(Code.ATTEMPTS_EXHAUSTED.name())) {
            counts.exhausted++;
            // each copy of a request claims an attempt of its own
            long copies = deliveries.stream().filter(one -> one.id().equals(id)).count();
            boolean plausible = attemptsFail || copies + mishaps.getOrDefault(id, 0) > SimulatedWorkers.MAX_ATTEMPTS;
            return plausible ? List.of() : List.of("%s: attempts exhausted after %s".formatted(delivery, mishaps));
        }
        String manifest =
                store.below(SimulatedWorkers.LAYOUT.requestFolder(id)).get(SimulatedWorkers.LAYOUT.manifest(id));
        if (manifest == null) {
            return List.of("%s: answered without a manifest".formatted(delivery));
        }
        RetrievalResult decided =
                Manifest.parse(HexFormat.of().parseHex(manifest), id).result();
        if (!decided.equals(answer)) {
            return List.of("%s: the answer is not what the manifest says".formatted(delivery));
        }
        if (answer.getCode().equals(Code.CANCELLED.name())) {
            counts.cancelled++;
            boolean isAsked = deliveries.stream().anyMatch(one -> one.id().equals(id) && one.isCancel());
            return isAsked ? List.of() : List.of("%s: nobody has cancelled it".formatted(delivery));
        }
        if (answer.getStatus() != RetrievalStatus.SUCCEEDED) {
            return List.of();
        }
        counts.succeeded++;
        return StoreChecks.filesNotAsInManifest(
                id,
                answer.getFiles().stream()
                        .map(file -> new StoreChecks.File(file.getLocation(), file.getBytes(), file.getChecksum()))
                        .toList(),
                store.below(String.valueOf(answer.getLocation())).entrySet().stream()
                        .map(file -> new StoreChecks.File(
                                file.getKey(), file.getValue().length(), file.getValue()))
                        .toList());
    }
}
