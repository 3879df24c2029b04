package dev.firn.service;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A service that this one needs, and whether it answered the last call. Thread-safe.
public final class Neighbour {
    private static final Logger log = LoggerFactory.getLogger(Neighbour.class);
    private static final Backoff START_BACKOFF = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10));

    private final String name;
    private final Clock clock;
    private final AtomicReference<@Nullable Absence> absence = new AtomicReference<>();

    /// @param since time of the first of the failed calls in a row
    /// @param reason why the last call failed, on one line
    public record Absence(Instant since, String reason) {}

    public Neighbour(String name, Clock clock) {
        this.name = name;
        this.clock = clock;
    }

    public String name() {
        return name;
    }

    /// Since when it has not answered, and why; empty if it answered the last call, or was never called.
    public Optional<Absence> absence() {
        return Optional.ofNullable(absence.get());
    }

    /// Records an answer.
    public void reached() {
        absence.set(null);
    }

    /// Records a call without an answer.
    public void missed(String reason) {
        String line = reason.replaceAll("\\p{Cntrl}+", " ");
        absence.updateAndGet(before -> new Absence(before == null ? clock.instant() : before.since(), line));
    }

    /// Calls it and records the outcome; an exception of type `away` means that it did not answer.
    public <T> T watch(Class<? extends RuntimeException> away, Supplier<T> call) {
        try {
            T answer = call.get();
            reached();
            return answer;
        } catch (RuntimeException e) {
            if (away.isInstance(e)) {
                missed(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    /// Calls it again and again, with growing pauses, until it answers. For the start of a service, which has nothing
    /// else to do until then.
    ///
    /// @param step what the call does, for the log
    /// @throws ServiceStoppedException when the service is stopped meanwhile
    public <T> T await(Lifecycle lifecycle, Class<? extends RuntimeException> away, String step, Supplier<T> call) {
        Backoff.Pauses pauses = START_BACKOFF.pauses();
        while (true) {
            try {
                return watch(away, call);
            } catch (RuntimeException e) {
                if (!away.isInstance(e)) {
                    throw e;
                }
                log.atWarn()
                        .addKeyValue("neighbour", name)
                        .addKeyValue("step", step)
                        .addKeyValue("fault", e.getMessage())
                        .log("A neighbour does not answer; trying again");
                lifecycle.pause(pauses.next());
            }
        }
    }
}
