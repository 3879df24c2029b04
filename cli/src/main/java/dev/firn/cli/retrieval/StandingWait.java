package dev.firn.cli.retrieval;

import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What becomes of a standing retrieval that was just asked for: which of the results that pass by ends the wait, and
/// what is told then. Results of an earlier definition's runs, and what was said of it, pass by as well. For
/// one thread.
final class StandingWait {
    private final String standingId;
    private final String requestId;
    private final Supplier<@Nullable StandingRetrieval> record;
    private final Function<String, Optional<RetrievalResult>> resultOfRun;
    private boolean accepted;

    /// @param record how it stands now; null where nothing is known of it
    /// @param resultOfRun an earlier result by its id
    StandingWait(
            String standingId,
            String requestId,
            Supplier<@Nullable StandingRetrieval> record,
            Function<String, Optional<RetrievalResult>> resultOfRun) {
        this.standingId = standingId;
        this.requestId = requestId;
        this.record = record;
        this.resultOfRun = resultOfRun;
    }

    /// Whether nothing more is to be waited for after this result.
    boolean endsWith(RetrievalResult result) {
        if (!standingId.equals(result.getStandingId())) {
            return false;
        }
        boolean own = result.getRequestId().equals(requestId);
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

    /// What is told of it: the acceptance of a definition that runs no more for it is not.
    RetrievalResult answer(RetrievalResult last) {
        StandingRetrieval kept = last.getStatus() == RetrievalStatus.CREATED ? record.get() : null;
        if (kept == null) {
            return last;
        }
        if (kept.getStatus() == StandingStatus.SUSPENDED) {
            return RetrievalResult.newBuilder(last)
                    .setStatus(RetrievalStatus.SUSPENDED)
                    .setMessage("Standing retrieval '%s' is suspended".formatted(standingId))
                    .setViolations(kept.getReasons())
                    .build();
        }
        String lastRun = kept.getLastRunId();
        return last.getUnchanged() || lastRun == null
                ? last
                : resultOfRun.apply(lastRun).orElse(last);
    }

    /// Nothing runs for it, and nothing will by itself. The record may still be the one before: transactions become
    /// visible partition by partition.
    private boolean isSettled(RetrievalResult created) {
        StandingRetrieval kept = record.get();
        if (kept == null || !(created.getUnchanged() || kept.getRequestId().equals(requestId))) {
            return false;
        }
        boolean suspended = kept.getStatus() == StandingStatus.SUSPENDED;
        boolean idle = !kept.getDirty() && kept.getOutstandingRunId() == null;
        return suspended || (idle && (created.getUnchanged() || kept.getLastRunId() != null));
    }

    private boolean isOfThisDefinition(RetrievalResult run) {
        StandingRetrieval kept = record.get();
        return kept != null
                && (run.getRequestId().equals(kept.getOutstandingRunId())
                        || run.getRequestId().equals(kept.getLastRunId()));
    }
}
