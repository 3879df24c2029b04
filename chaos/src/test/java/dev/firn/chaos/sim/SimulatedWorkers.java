package dev.firn.chaos.sim;

import dev.firn.chaos.sim.Baton.Actor;
import dev.firn.events.Pins;
import dev.firn.events.RetrievalAction;
import dev.firn.events.RetrievalCommand;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import dev.firn.retrieval.answer.AnswerSink;
import dev.firn.retrieval.answer.Answering;
import dev.firn.retrieval.answer.Cancelling;
import dev.firn.retrieval.answer.TransientFault;
import dev.firn.retrieval.intake.Lane;
import dev.firn.retrieval.intake.SlotTaker;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.retrieval.intake.Turn;
import dev.firn.retrieval.job.Completed;
import dev.firn.retrieval.job.Progress;
import dev.firn.retrieval.job.ResultFiles;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.retrieval.job.RetrievalRejected;
import dev.firn.retrieval.job.Views;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import dev.firn.service.result.ResultLayout;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/// Workers that answer with the real `Answering` and `Cancelling` over a simulated store, topic and retrieval.
/// Each delivery of a request is an actor and a worker process of its own.
final class SimulatedWorkers {
    static final ResultLayout LAYOUT = new ResultLayout("s3://lake/results/firn");
    static final int MAX_ATTEMPTS = 3;
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final int MAX_FILES = 3;
    private static final int MAX_TRIES = 20;

    private final Baton baton;
    private final SplittableRandom random;
    private final SimulatedStore store;
    private final Troubles troubles;
    private final List<RetrievalResult> answers = new ArrayList<>();
    private long millis;
    private int tries;

    /// How often what a worker needs fails.
    ///
    /// @param outage the share of tries that end by an outage
    /// @param bug the share of tries that end by an exception
    /// @param rejected the share of tries that find a mistake in the request
    /// @param topic the share of announcements that fail
    record Troubles(double outage, double bug, double rejected, double topic, Duration outageLimit) {
        static final Troubles NONE = new Troubles(0, 0, 0, 0, Duration.ofHours(1));
    }

    /// A request in its topic, or a command that cancels one.
    ///
    /// @param body two requests with one id may differ in it
    record Delivery(String id, String body, long offset) {
        private static final String CANCEL = "cancel";

        static Delivery ofCancel(String id, long offset) {
            return new Delivery(id, CANCEL, offset);
        }

        boolean isCancel() {
            return body.equals(CANCEL);
        }
    }

    SimulatedWorkers(Baton baton, SplittableRandom random, SimulatedStore store, Troubles troubles) {
        this.baton = baton;
        this.random = random;
        this.store = store;
        this.troubles = troubles;
    }

    /// What was announced, in order.
    List<RetrievalResult> answers() {
        return answers;
    }

    /// Delivers the request to a worker of its own.
    Worker start(Delivery delivery) {
        return new Worker(delivery, troubles);
    }

    /// Delivers it to a worker that nothing happens to.
    Worker startUndisturbed(Delivery delivery) {
        return new Worker(delivery, Troubles.NONE);
    }

    final class Worker {
        private final Delivery delivery;
        private final Troubles itsTroubles;
        private final TakenRequest taken;
        private final Actor actor;
        private boolean answered;

        private Worker(Delivery delivery, Troubles itsTroubles) {
            this.delivery = delivery;
            this.itsTroubles = itsTroubles;
            this.taken = new TakenRequest(record(delivery), Lane.REQUESTS);
            this.actor = baton.start(this::answer, this::cancel);
        }

        Delivery delivery() {
            return delivery;
        }

        Actor actor() {
            return actor;
        }

        /// Whether its offset could be committed.
        boolean hasAnswered() {
            return answered;
        }

        void cancel() {
            taken.cancellation().cancel();
        }

        private void answer() {
            String name = "worker-" + delivery.offset();
            Clock clock = ((InstantSource) this::now).withZone(ZoneOffset.UTC);
            Answering.Settings settings = new Answering.Settings(
                    MAX_ATTEMPTS,
                    Duration.ZERO,
                    Duration.ZERO,
                    itsTroubles.outageLimit(),
                    MAX_TRIES,
                    Duration.ZERO,
                    Duration.ofHours(1),
                    // the watch is not simulated: an attempt finds a cancellation when it decides
                    Duration.ofHours(1),
                    name);
            ResultStore results = new ResultStore(store, LAYOUT, name, clock);
            Answering.Targets targets = (outcome, _, _) -> Optional.of(outcome.result());
            Cancelling cancelling = new Cancelling(
                    bytes -> new Decoded.Value<>(command(delivery)), results, targets, new Topic(), settings, clock);
            Answering answering = new Answering(
                    bytes -> new Decoded.Value<>(request(delivery)),
                    request -> delivery.body(),
                    cancellation -> views(),
                    this::attempt,
                    results,
                    location -> {
                        throw new AssertionError(location);
                    },
                    targets,
                    new Topic(),
                    (id, attempt, principal) -> Progress.NONE,
                    settings,
                    clock);
            try {
                turns(delivery.isCancel() ? (command, _) -> cancelling.turn(command) : answering::turn);
                answered = true;
            } catch (CancellationException e) {
                // another worker has the request now
            }
        }

        private void turns(SlotTaker.Handler handler) {
            boolean alone = false;
            while (true) {
                switch (handler.turn(taken, alone)) {
                    case Turn.Answered() -> {
                        return;
                    }
                    case Turn.Alone() -> alone = true;
                    case Turn.Parked _ -> baton.step();
                }
            }
        }

        /// Each look at the clock is a millisecond later, so that no two outcomes are equal by chance.
        private Instant now() {
            return BEGIN.plusMillis(++millis);
        }

        private Views views() {
            baton.step();
            if (random.nextDouble() < itsTroubles.outage()) {
                throw new TransientFault("the simulated registry is behind");
            }
            return Views.of(List.of());
        }

        private Completed attempt(Retrieval.Task task) {
            List<ResultFiles.File> files = new ArrayList<>();
            int count = 1 + random.nextInt(MAX_FILES);
            tries++;
            for (int i = 0; i < count; i++) {
                task.cancellation().check();
                String content = "try %d file %d".formatted(tries, i);
                String location = "%s/part-%08d.parquet".formatted(task.folder(), i);
                store.put(location, content);
                files.add(new ResultFiles.File(location, 1, content.length(), content));
                fail();
            }
            return new Completed(
                    task.folder(),
                    List.of(),
                    files,
                    count,
                    "digest",
                    List.of(),
                    List.of(),
                    Pins.newBuilder().setAsOf(BEGIN).setViews(List.of()).build(),
                    Map.of());
        }

        private void fail() {
            double drawn = random.nextDouble();
            if (drawn < itsTroubles.outage()) {
                throw new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "a simulated outage", null);
            }
            if (drawn < itsTroubles.outage() + itsTroubles.bug()) {
                throw new IllegalStateException("a simulated bug");
            }
            if (drawn < itsTroubles.outage() + itsTroubles.bug() + itsTroubles.rejected()) {
                throw new RetrievalRejected(Code.UNKNOWN_VIEW, "features", "a simulated mistake");
            }
        }

        private final class Topic implements AnswerSink {
            @Override
            public void announce(RetrievalResult result, TakenRequest request) {
                baton.step();
                double drawn = random.nextDouble();
                if (drawn >= itsTroubles.topic() / 2) {
                    answers.add(result);
                }
                baton.step();
                if (drawn < itsTroubles.topic()) {
                    throw new TransientFault("the simulated broker failed");
                }
            }

            @Override
            public void deadLetter(TakenRequest request, Code code, String reason) {
                throw new AssertionError(code + ": " + reason);
            }
        }
    }

    private static RetrievalRequest request(Delivery delivery) {
        return RetrievalRequest.newBuilder()
                .setRequestId(delivery.id())
                .setSpine(Spine.newBuilder().setKind(SpineKind.ALL).build())
                .setFeatures(List.of(delivery.body()))
                .build();
    }

    private static RetrievalCommand command(Delivery delivery) {
        return RetrievalCommand.newBuilder()
                .setRequestId(delivery.id())
                .setAction(RetrievalAction.CANCEL)
                .build();
    }

    private static ConsumerRecord<byte[], byte[]> record(Delivery delivery) {
        return new ConsumerRecord<>(
                "retrieval-requests",
                0,
                delivery.offset(),
                BEGIN.toEpochMilli(),
                TimestampType.LOG_APPEND_TIME,
                0,
                1,
                delivery.id().getBytes(StandardCharsets.UTF_8),
                new byte[] {0},
                new RecordHeaders(),
                Optional.empty());
    }
}
