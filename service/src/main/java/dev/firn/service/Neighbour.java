package dev.firn.service;

import dev.firn.config.FirnConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A service that this one needs, and whether it is away. Thread-safe.
///
/// A neighbour is away after some failures in a row, or once it has failed for some time, whichever comes first;
/// see [Tolerance]. It is back after a single answer. So one lost packet does not make a service unready. One
/// that has never answered is away at its first failure: it may be starting, and whoever waits for the service is
/// told of it.
public final class Neighbour {
    private static final Logger log = LoggerFactory.getLogger(Neighbour.class);
    private static final Backoff START_BACKOFF = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10));

    private final String name;
    private final Tolerance tolerance;
    private final Clock clock;
    private final AtomicReference<@Nullable Failures> failures = new AtomicReference<>();
    private volatile boolean hasAnswered;

    /// How much a neighbour may fail before it is away.
    ///
    /// @param failures failed calls in a row after which it is away
    /// @param time how long it may fail, however few the calls
    public record Tolerance(int failures, Duration time) {
        /// The tolerance of the settings.
        public static Tolerance of(FirnConfig.Health settings) {
            return new Tolerance(settings.failures(), settings.awayAfter());
        }
    }

    /// @param since time of the first of the failed calls in a row
    /// @param reason why the last call failed, in a few words
    public record Absence(Instant since, String reason) {}

    private record Failures(int count, Instant since, String reason) {
        Failures andOneMore(String latest) {
            return new Failures(count + 1, since, latest);
        }
    }

    public Neighbour(String name, Tolerance tolerance, Clock clock) {
        this.name = name;
        this.tolerance = tolerance;
        this.clock = clock;
    }

    public String name() {
        return name;
    }

    /// Since when it is away, and why; empty if it is not, or was never called.
    public Optional<Absence> absence() {
        Failures now = failures.get();
        if (now == null) {
            return Optional.empty();
        }
        boolean isAway = !hasAnswered
                || now.count() >= tolerance.failures()
                || !clock.instant().isBefore(now.since().plus(tolerance.time()));
        return isAway ? Optional.of(new Absence(now.since(), now.reason())) : Optional.empty();
    }

    /// Whether it has answered since this process started.
    boolean hasAnswered() {
        return hasAnswered;
    }

    /// Records an answer.
    public void reached() {
        hasAnswered = true;
        failures.set(null);
    }

    /// Records a call without an answer.
    ///
    /// @param reason why, in a few words of Firn's own: `/health` shows them to anyone
    public void missed(String reason) {
        failures.updateAndGet(
                before -> before == null ? new Failures(1, clock.instant(), reason) : before.andOneMore(reason));
    }

    /// Calls it again and again, with growing pauses, until it answers. For the start of a service, which has nothing
    /// else to do until then: the first failure already counts as absence.
    ///
    /// @param away the exception that means that it did not answer
    /// @param step what the call does, for the log
    /// @throws ServiceStoppedException when the service is stopped meanwhile
    public <T> T await(Lifecycle lifecycle, Class<? extends RuntimeException> away, String step, Supplier<T> call) {
        Backoff.Pauses pauses = START_BACKOFF.pauses();
        while (true) {
            try {
                T answer = call.get();
                reached();
                return answer;
            } catch (RuntimeException e) {
                if (!away.isInstance(e)) {
                    throw e;
                }
                String reason = AbsenceReason.of(e);
                failures.updateAndGet(before ->
                        new Failures(tolerance.failures(), before == null ? clock.instant() : before.since(), reason));
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
