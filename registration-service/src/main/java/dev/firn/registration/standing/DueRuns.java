package dev.firn.registration.standing;

import dev.firn.registration.async.DueTimes;
import dev.firn.registration.async.Steps;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What standing retrievals wait for, in memory: an answer to their run, or the end of the pause after a failed one.
///
/// Thousands may be due at the same moment, after an outage or a restart. A transaction for all of them would exceed
/// Kafka's time limit, at each attempt anew. So they go out in [Steps]. For one thread.
final class DueRuns {
    private final long timeoutMillis;
    private final Steps steps;
    private final Map<String, Long> issuedAtMillis = new HashMap<>();
    private final DueTimes retries = new DueTimes();
    private final Queue<String> toFollow = new ArrayDeque<>();

    /// What is done about a standing retrieval that is due.
    ///
    /// @param follow the first tick after a start has come
    /// @param reissue no answer has come in time
    /// @param retry a pause may be over
    record Actions(Consumer<String> follow, Consumer<String> reissue, Consumer<String> retry) {}

    /// @param timeout of an answer
    /// @param perStep how many are handled in one transaction
    DueRuns(Duration timeout, int perStep) {
        this.timeoutMillis = timeout.toMillis();
        this.steps = new Steps(perStep, Steps.PAUSE);
    }

    /// A run waits for its answer.
    void issued(String id, long atMillis) {
        issuedAtMillis.put(id, atMillis);
    }

    /// No run waits for its answer.
    void ended(String id) {
        issuedAtMillis.remove(id);
    }

    /// @param at null if no pause has begun
    void retry(String id, @Nullable Instant at) {
        if (at != null) {
            retries.add(id, at.toEpochMilli());
        }
    }

    /// At the next tick.
    void follow(String id) {
        toFollow.add(id);
    }

    /// Handles who is due, one step at most.
    void tick(long nowMillis, Actions actions) {
        if (!steps.mayBegin(nowMillis)) {
            return;
        }
        Steps.Room room = steps.begin();
        for (String id = toFollow.poll(); id != null; id = room.isLeft() ? toFollow.poll() : null) {
            room.take();
            actions.follow().accept(id);
        }
        for (String id : late(nowMillis)) {
            if (room.isLeft()) {
                room.take();
                actions.reissue().accept(id);
            }
        }
        while (room.isLeft()) {
            String id = retries.take(nowMillis);
            if (id == null) {
                break;
            }
            room.take();
            actions.retry().accept(id);
        }
        steps.ended(room, nowMillis);
    }

    private List<String> late(long nowMillis) {
        return issuedAtMillis.entrySet().stream()
                .filter(issued -> nowMillis - issued.getValue() >= timeoutMillis)
                .map(Map.Entry::getKey)
                .toList();
    }
}
