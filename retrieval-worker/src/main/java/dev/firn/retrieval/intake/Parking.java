package dev.firn.retrieval.intake;

import dev.firn.service.Backoff;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Requests that cannot be answered now, outside the slots: each has another turn after a growing pause. Their offsets
/// stay uncommitted. Bounded in bytes: while it [#isFull] the worker takes no more requests. Thread-safe.
public final class Parking implements AutoCloseable {
    private final Backoff backoff;
    private final long maxBytes;
    private final Clock clock;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("parking").factory());
    /// Guarded by itself.
    private final Map<TakenRequest, Place> places = new HashMap<>();

    private long bytes;

    private record Place(Turn.Cause cause, Instant since, long bytes, Runnable nextTurn) {}

    /// The request that has been parked for the longest time.
    ///
    /// @param since the start of its present turns for this cause
    public record Oldest(String record, Turn.Cause cause, Instant since) {
        /// Duplicates come last: nothing is wrong with them.
        public static final Comparator<Oldest> FIRST_TO_LOOK_AT = Comparator.comparing(
                        (Oldest oldest) -> oldest.cause() == Turn.Cause.DUPLICATE)
                .thenComparing(Oldest::since);
    }

    public Parking(Backoff backoff, long maxBytes, Clock clock) {
        this.backoff = backoff;
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /// @param nextTurn is called after the pause, unless the request is forgotten before
    void park(TakenRequest request, Turn.Cause cause, Runnable nextTurn) {
        Duration pause = backoff.pause(request.parked(cause));
        Place place = new Place(cause, clock.instant().minus(request.parkedFor(cause)), request.bytes(), nextTurn);
        synchronized (places) {
            places.put(request, place);
            bytes += place.bytes();
        }
        ScheduledFuture<?> unused = timer.schedule(() -> wake(request), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void wake(TakenRequest request) {
        Place place = remove(request);
        if (place != null) {
            place.nextTurn().run();
        }
    }

    /// Returns whether the request was parked.
    boolean forget(TakenRequest request) {
        return remove(request) != null;
    }

    private @Nullable Place remove(TakenRequest request) {
        synchronized (places) {
            Place place = places.remove(request);
            if (place != null) {
                bytes -= place.bytes();
            }
            return place;
        }
    }

    public boolean isFull() {
        return bytes() >= maxBytes;
    }

    /// Bytes of all that is parked, at most about [#maxBytes].
    public long bytes() {
        synchronized (places) {
            return bytes;
        }
    }

    public long maxBytes() {
        return maxBytes;
    }

    public int count(Turn.Cause cause) {
        synchronized (places) {
            return (int) places.values().stream()
                    .filter(place -> place.cause() == cause)
                    .count();
        }
    }

    /// Of the requests that are parked because something is wrong; of the duplicates if there are no others.
    public Optional<Oldest> oldest() {
        synchronized (places) {
            return places.entrySet().stream()
                    .map(entry -> new Oldest(
                            entry.getKey().coordinates(),
                            entry.getValue().cause(),
                            entry.getValue().since()))
                    .min(Oldest.FIRST_TO_LOOK_AT);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
