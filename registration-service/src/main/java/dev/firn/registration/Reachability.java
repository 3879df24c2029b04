package dev.firn.registration;

import dev.firn.registration.validation.TrinoClient;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Whether a neighbour answered when it was last needed, for people who look at the health of the service. Thread-safe.
final class Reachability implements TrinoClient.Answered {
    private final String neighbour;
    private final Clock clock;
    private final AtomicReference<@Nullable Away> away = new AtomicReference<>();

    private record Away(Instant since, String reason) {}

    Reachability(String neighbour, Clock clock) {
        this.neighbour = neighbour;
        this.clock = clock;
    }

    @Override
    public void reached() {
        away.set(null);
    }

    @Override
    public void missed(String reason) {
        away.updateAndGet(before -> new Away(before == null ? clock.instant() : before.since(), reason));
    }

    /// What `asked` answers; a fault of type `fault` means that the neighbour could not be reached.
    <T> T watch(Class<? extends RuntimeException> fault, Supplier<T> asked) {
        try {
            T answer = asked.get();
            reached();
            return answer;
        } catch (RuntimeException e) {
            if (fault.isInstance(e)) {
                missed(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    /// On one line.
    String detail() {
        Away now = away.get();
        return now == null
                ? neighbour + ": no trouble known"
                : "%s: not reachable since %s (%s)"
                        .formatted(neighbour, now.since(), now.reason().replaceAll("\\p{Cntrl}+", " "));
    }
}
