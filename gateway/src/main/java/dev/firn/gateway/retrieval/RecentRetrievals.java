package dev.firn.gateway.retrieval;

import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.schemas.Code;
import dev.firn.schemas.Ids;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The retrievals that this gateway has sent or has seen at work, at most a given number, in the order of what was
/// heard of them last. Thread-safe.
public final class RecentRetrievals {
    private final int kept;
    private final Clock clock;
    private final Map<String, Note> notes = new LinkedHashMap<>();

    /// What was heard of a retrieval.
    ///
    /// @param standingId of runs; empty for others
    /// @param at when something was heard last
    /// @param progress the last step
    /// @param ending how it ended; empty while it runs
    public record Note(
            String id, String standingId, Instant at, Optional<RetrievalProgress> progress, Optional<Ending> ending) {}

    /// How a retrieval ended.
    ///
    /// @param code empty unless it failed
    /// @param millis time of all stages
    public record Ending(RetrievalStatus status, String code, String message, long rows, long millis, int attempt) {}

    public RecentRetrievals(int kept, Clock clock) {
        this.kept = kept;
        this.clock = clock;
    }

    void sent(String id) {
        update(id, note -> new Note(id, note.standingId(), clock.instant(), note.progress(), note.ending()));
    }

    public void arrived(RetrievalProgress step) {
        String id = step.getRequestId();
        update(id, note -> new Note(id, note.standingId(), step.getAt(), Optional.of(step), note.ending()));
    }

    /// Answers to standing requests are none of a retrieval.
    public void arrived(RetrievalResult result) {
        boolean isOfRetrieval =
                result.getStatus() == RetrievalStatus.SUCCEEDED || result.getStatus() == RetrievalStatus.FAILED;
        boolean isOfStandingRequest = result.getStandingId() != null && !Ids.isRunId(result.getRequestId());
        if (!isOfRetrieval || isOfStandingRequest || result.getCode().equals(Code.REQUEST_ID_REUSED.name())) {
            return;
        }
        Ending ending = new Ending(
                result.getStatus(),
                result.getCode(),
                result.getMessage(),
                result.getRows(),
                result.getStageMillis().values().stream()
                        .mapToLong(Long::longValue)
                        .sum(),
                result.getAttempt());
        String id = result.getRequestId();
        update(
                id,
                note -> new Note(id, note.standingId(), result.getCompletedAt(), note.progress(), Optional.of(ending)));
    }

    private synchronized void update(String id, UnaryOperator<Note> change) {
        Note before = notes.remove(id);
        notes.put(id, change.apply(before == null ? blank(id) : before));
        if (notes.size() > kept) {
            notes.remove(notes.keySet().iterator().next());
        }
    }

    private static Note blank(String id) {
        return new Note(id, Ids.standingIdOfRun(id).orElse(""), Instant.EPOCH, Optional.empty(), Optional.empty());
    }

    public synchronized List<Note> latestFirst() {
        return new ArrayList<>(notes.values()).reversed();
    }
}
