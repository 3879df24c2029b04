package dev.firn.retrieval.intake;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives requests their turns in slots, and parks those that wait for something between two turns. Thread-safe.
public final class SlotTaker implements RequestSource.Taker {
    private static final Logger log = LoggerFactory.getLogger(SlotTaker.class);

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        Duration.ofHours(2)
    };

    private final Slots slots;
    private final Parking parking;
    private final Handler handler;
    private volatile @Nullable MeterRegistry metrics;

    /// How a turn ended, as the meter shows it.
    private enum TurnEnd {
        ANSWERED,
        PARKED,
        TO_RUN_ALONE,
        LEFT_EXPRESS_SLOT,
        /// The request moves to another worker. This has nothing to do with the cancellation of a retrieval.
        CANCELLED,
        BROKEN
    }

    /// Takes a request as far as it comes in one turn.
    public interface Handler {
        /// @param isAlone whether nothing runs beside it in this worker
        /// @throws CancellationException once the request is cancelled
        Turn turn(TakenRequest request, boolean isAlone);
    }

    public SlotTaker(Slots slots, Parking parking, Handler handler) {
        this.slots = slots;
        this.parking = parking;
        this.handler = handler;
    }

    public void bindTo(MeterRegistry registry) {
        metrics = registry;
    }

    private void record(Lane lane, TurnEnd outcome, Duration time) {
        MeterRegistry registry = metrics;
        if (registry != null) {
            Timer.builder("firn.retrieval.answer")
                    .description("time that a request held a slot in one turn")
                    .tag("lane", lane.name())
                    .tag("outcome", outcome.name())
                    .serviceLevelObjectives(BUCKETS)
                    .register(registry)
                    .record(time);
        }
    }

    @Override
    public boolean hasRoom(Lane lane) {
        return !parking.isFull() && slots.hasRoom(lane);
    }

    @Override
    public void take(TakenRequest request, Runnable answered) {
        slots.submit(new Job(request, answered, false));
    }

    @Override
    public void cancel(TakenRequest request) {
        request.cancel();
        removeWaiting(request);
    }

    @Override
    public boolean cancelUnlessRunning(TakenRequest request) {
        if (removeWaiting(request)) {
            request.cancel();
            return true;
        }
        return false;
    }

    private boolean removeWaiting(TakenRequest request) {
        boolean waited = slots.forget(job -> job instanceof Job mine && mine.request == request);
        return parking.forget(request) || waited;
    }

    private final class Job implements Slots.Job {
        private final TakenRequest request;
        private final Runnable answered;
        private final boolean alone;

        Job(TakenRequest request, Runnable answered, boolean alone) {
            this.request = request;
            this.answered = answered;
            this.alone = alone;
        }

        @Override
        public Lane lane() {
            return request.lane();
        }

        @Override
        public boolean runsAlone() {
            return alone;
        }

        @Override
        public boolean isLong() {
            return request.isLong();
        }

        @Override
        public void giveWay() {
            request.giveWay();
        }

        @Override
        public void run() {
            long start = System.nanoTime();
            TurnEnd outcome = TurnEnd.BROKEN;
            request.beginTurn();
            try {
                request.cancellation().check();
                switch (handler.turn(request, alone || slots.runsOneJob())) {
                    case Turn.Answered() -> {
                        outcome = TurnEnd.ANSWERED;
                        answered.run();
                    }
                    case Turn.Parked(Turn.Cause cause) -> {
                        outcome = TurnEnd.PARKED;
                        parking.park(request, cause, () -> slots.submit(new Job(request, answered, false)));
                    }
                    case Turn.Alone() -> {
                        outcome = TurnEnd.TO_RUN_ALONE;
                        slots.submit(new Job(request, answered, true));
                    }
                }
            } catch (CancellationException e) {
                outcome = request.isCancelled() ? TurnEnd.CANCELLED : TurnEnd.LEFT_EXPRESS_SLOT;
                if (request.isCancelled()) {
                    log.atInfo().addKeyValue("record", request.coordinates()).log("A request was cancelled");
                } else {
                    log.atInfo().addKeyValue("record", request.coordinates()).log("A request leaves an express slot");
                    slots.submit(new Job(request, answered, false));
                }
            } finally {
                request.endTurn();
                record(request.lane(), outcome, Duration.ofNanos(System.nanoTime() - start));
            }
        }
    }
}
