package dev.firn.retrieval.intake;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs requests in slots. Thread-safe.
public final class SlotTaker implements RequestSource.Taker {
    private static final Logger log = LoggerFactory.getLogger(SlotTaker.class);

    private final Slots slots;
    private final Consumer<TakenRequest> answering;
    private volatile @Nullable Timer timer;

    /// @param answering answers one request, in a slot's thread
    public SlotTaker(Slots slots, Consumer<TakenRequest> answering) {
        this.slots = slots;
        this.answering = answering;
    }

    public void bindTo(MeterRegistry metrics) {
        timer = Timer.builder("firn.retrieval.answer").register(metrics);
    }

    @Override
    public boolean hasRoom(Lane lane) {
        return slots.hasRoom(lane);
    }

    @Override
    public void take(TakenRequest request, Runnable answered) {
        slots.submit(new Job(request, answered));
    }

    @Override
    public void cancel(TakenRequest request) {
        request.cancellation().cancel();
        slots.forget(job -> job instanceof Job mine && mine.request == request);
    }

    private final class Job implements Slots.Job {
        private final TakenRequest request;
        private final Runnable answered;

        Job(TakenRequest request, Runnable answered) {
            this.request = request;
            this.answered = answered;
        }

        @Override
        public Lane lane() {
            return request.lane();
        }

        @Override
        public void run() {
            long start = System.nanoTime();
            try {
                answering.accept(request);
                answered.run();
            } catch (CancellationException e) {
                log.atInfo().addKeyValue("record", request.coordinates()).log("A request was cancelled");
            } finally {
                Timer t = timer;
                if (t != null) {
                    t.record(java.time.Duration.ofNanos(System.nanoTime() - start));
                }
            }
        }
    }
}
