package dev.firn.gateway.retrieval;

import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.gateway.problem.Refusal;
import dev.firn.lake.LakeException;
import dev.firn.lake.storage.PutOutcome;
import dev.firn.lake.storage.Storage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sweeps the uploads at intervals. Of all gateways of a deployment, the one that claims an interval sweeps.
public final class UploadSweeper implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(UploadSweeper.class);
    /// How often a gateway looks whether an interval has begun, as a fraction of it.
    private static final int LOOKS_PER_INTERVAL = 10;

    private final Storage storage;
    private final Settings settings;
    private final UploadSweep sweep;
    private final Supplier<List<StandingRetrieval>> standing;
    private final Clock clock;
    private final Counter deleted;
    /// The same content would count as its own claim.
    private final String gateway = UUID.randomUUID().toString();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("upload-sweep").daemon().factory());

    /// @param folder of the uploads
    /// @param interval zero never sweeps
    /// @param leftoversAfter age of what broke off, and of claims, before it is deleted
    public record Settings(String folder, Duration ttl, Duration interval, Duration leftoversAfter) {}

    /// @param standing all standing retrievals; throws if they are not known
    public UploadSweeper(
            Outcomes outcomes,
            Storage storage,
            Settings settings,
            Supplier<List<StandingRetrieval>> standing,
            Clock clock,
            MeterRegistry metrics) {
        this.storage = storage;
        this.settings = settings;
        this.sweep = new UploadSweep(storage, settings.folder(), outcomes, settings.ttl(), clock);
        this.standing = standing;
        this.clock = clock;
        this.deleted = Counter.builder("firn.gateway.swept.uploads").register(metrics);
    }

    public void start() {
        if (!settings.interval().isZero()) {
            long look = Math.max(1, settings.interval().toMillis() / LOOKS_PER_INTERVAL);
            ScheduledFuture<?> unused = timer.scheduleWithFixedDelay(this::look, look, look, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        try {
            sweepOnce();
        } catch (Refusal | LakeException e) {
            log.atWarn().addKeyValue("fault", e.getMessage()).log("A sweep of the uploads was given up");
        } catch (RuntimeException e) {
            log.atWarn().setCause(e).log("A sweep of the uploads failed");
        }
    }

    /// Sweeps, unless another gateway has the present interval.
    void sweepOnce() {
        long number = clock.millis() / settings.interval().toMillis();
        byte[] content = "{\"gateway\": \"%s\", \"at\": \"%s\"}\n"
                .formatted(gateway, clock.instant())
                .getBytes(StandardCharsets.UTF_8);
        if (storage.putIfAbsent(claims() + "/" + number + ".json", content) != PutOutcome.CREATED) {
            return;
        }
        int count = sweep.sweep(this::locations);
        deleted.increment(count);
        log.atInfo().addKeyValue("uploads", count).log("Unused uploads deleted");
        storage.walk(claims(), claim -> {
            if (claim.modified().isBefore(clock.instant().minus(settings.leftoversAfter()))) {
                storage.delete(List.of(claim.location()));
            }
        });
        storage.abandonUploads(settings.folder(), clock.instant().minus(settings.leftoversAfter()));
    }

    private String claims() {
        return settings.folder() + "/_sweeps";
    }

    private Collection<String> locations() {
        return standing.get().stream()
                .filter(one -> one.getStatus() != StandingStatus.CANCELLED)
                .flatMap(one -> one.getRetrieval().getSpine().getLocations().stream())
                .toList();
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
