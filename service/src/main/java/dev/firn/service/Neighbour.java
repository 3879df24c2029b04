package dev.firn.service;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A service that this one needs, and whether it answered the last call. Thread-safe.
public final class Neighbour {
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
}
