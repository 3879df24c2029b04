package dev.firn.retrieval;

import static java.util.Objects.requireNonNull;

import dev.firn.lake.storage.PutOutcome;
import dev.firn.lake.storage.Storage;
import dev.firn.service.result.ResultLayout;
import dev.firn.service.result.ResultSweep;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sweeps the results once in each interval: whichever worker creates the claim of the interval does it. A sweep that
/// fails or is cut off leaves its work to the next interval.
final class ResultSweeper implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ResultSweeper.class);
    /// How often a worker looks whether an interval has begun, as a fraction of it.
    private static final int LOOKS_PER_INTERVAL = 10;

    private final Storage storage;
    private final ResultLayout layout;
    private final ResultSweep sweep;
    private final Duration interval;
    private final String worker;
    private final Clock clock;
    private final Map<ResultSweep.Reason, Counter> deleted = new EnumMap<>(ResultSweep.Reason.class);
    private final Counter abandoned;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("sweep").daemon().factory());

    /// What all sweeps of a deployment share.
    ///
    /// @param interval zero never sweeps
    record Place(Storage storage, ResultLayout layout, Duration interval, Clock clock) {}

    ResultSweeper(Place place, ResultSweep.Limits limits, String worker, MeterRegistry metrics) {
        this.storage = place.storage();
        this.layout = place.layout();
        this.interval = place.interval();
        this.clock = place.clock();
        this.sweep = new ResultSweep(storage, layout, limits, clock);
        this.worker = worker;
        for (ResultSweep.Reason reason : ResultSweep.Reason.values()) {
            deleted.put(
                    reason,
                    Counter.builder("firn.results.swept.files")
                            .tag("reason", reason.name())
                            .register(metrics));
        }
        this.abandoned = Counter.builder("firn.results.swept.uploads").register(metrics);
    }

    void start() {
        if (!interval.isZero()) {
            long look = Math.max(1, interval.toMillis() / LOOKS_PER_INTERVAL);
            ScheduledFuture<?> unused = timer.scheduleWithFixedDelay(this::look, look, look, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        try {
            sweepOnce();
        } catch (CancellationException e) {
            log.atInfo().log("A sweep of the results was cut off");
        } catch (RuntimeException e) {
            log.atWarn().addKeyValue("fault", e.getMessage()).log("A sweep of the results failed");
        }
    }

    /// Sweeps, unless another worker has the present interval.
    void sweepOnce() {
        long number = clock.millis() / interval.toMillis();
        byte[] content = "{\"worker\": \"%s\", \"at\": \"%s\"}\n"
                .formatted(worker, clock.instant())
                .getBytes(StandardCharsets.UTF_8);
        if (storage.putIfAbsent(layout.sweepClaim(number), content) == PutOutcome.CREATED) {
            sweep.find(this::delete);
            abandoned.increment(sweep.abandonUploads());
        }
    }

    private void delete(ResultSweep.Leftover leftover) {
        if (closed.get()) {
            throw new CancellationException("the worker stops");
        }
        leftover.delete(storage);
        requireNonNull(deleted.get(leftover.reason()))
                .increment(leftover.files().size());
        log.atInfo()
                .addKeyValue("owner", leftover.owner())
                .addKeyValue("reason", leftover.reason())
                .addKeyValue("files", leftover.files().size())
                .log("Leftovers deleted");
    }

    @Override
    public void close() {
        closed.set(true);
        timer.shutdownNow();
    }
}
