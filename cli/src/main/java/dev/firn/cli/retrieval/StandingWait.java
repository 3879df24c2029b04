package dev.firn.cli.retrieval;

import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.service.client.Asked;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Waits for the outcome of a standing request: decides which result ends the wait and what to show then. Results of an
/// earlier definition arrive on the same topic and are skipped.
///
/// Not thread-safe.
final class StandingWait {
    private final String standingId;
    private final Asked asked;
    private final Supplier<@Nullable StandingRetrieval> record;
    private final Function<String, Optional<RetrievalResult>> resultOfRun;
    private boolean accepted;

    /// @param record reads the stored standing retrieval; null if there is none
    /// @param resultOfRun finds the result of an earlier run by its id
    StandingWait(
            String standingId,
            Asked asked,
            Supplier<@Nullable StandingRetrieval> record,
            Function<String, Optional<RetrievalResult>> resultOfRun) {
        this.standingId = standingId;
        this.asked = asked;
        this.record = record;
        this.resultOfRun = resultOfRun;
    }

    /// Whether this result ends the wait.
    boolean endsWith(RetrievalResult result) {
        if (!standingId.equals(result.getStandingId())) {
            return false;
        }
        boolean own = asked.isAnsweredBy(result);
        return switch (result.getStatus()) {
            case CREATED -> {
                accepted |= own;
                yield own && isSettled(result);
            }
            case SUSPENDED, CANCELLED -> accepted;
            case SUCCEEDED -> accepted && isOfThisDefinition(result);
            case FAILED -> own || (accepted && isOfThisDefinition(result));
            default -> false;
        };
    }

    /// What to show for the result that ended the wait. If a definition was accepted but nothing runs for it, that is
    /// why it is suspended, or the result of its last run.
    RetrievalResult answer(RetrievalResult last) {
        StandingRetrieval stored = last.getStatus() == RetrievalStatus.CREATED ? record.get() : null;
        if (stored == null) {
            return last;
        }
        if (stored.getStatus() == StandingStatus.SUSPENDED) {
            return RetrievalResult.newBuilder(last)
                    .setStatus(RetrievalStatus.SUSPENDED)
                    .setMessage("Standing retrieval '%s' is suspended".formatted(standingId))
                    .setViolations(stored.getReasons())
                    .build();
        }
        String lastRun = stored.getLastRunId();
        return last.getUnchanged() || lastRun == null
                ? last
                : resultOfRun.apply(lastRun).orElse(last);
    }

    /// Whether no run is due or outstanding. The record may still be that of the previous definition: a transaction
    /// becomes visible one partition at a time.
    private boolean isSettled(RetrievalResult created) {
        StandingRetrieval stored = record.get();
        if (stored == null || !(created.getUnchanged() || stored.getRequestId().equals(asked.requestId()))) {
            return false;
        }
        boolean suspended = stored.getStatus() == StandingStatus.SUSPENDED;
        boolean idle = !stored.getDirty() && stored.getOutstandingRunId() == null;
        return suspended || (idle && (created.getUnchanged() || stored.getLastRunId() != null));
    }

    private boolean isOfThisDefinition(RetrievalResult run) {
        StandingRetrieval stored = record.get();
        return stored != null
                && (run.getRequestId().equals(stored.getOutstandingRunId())
                        || run.getRequestId().equals(stored.getLastRunId()));
    }
}
