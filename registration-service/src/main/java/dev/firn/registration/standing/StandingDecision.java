package dev.firn.registration.standing;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.SuspendedBy;
import dev.firn.events.Violation;
import dev.firn.registration.command.StandingCommand;
import dev.firn.schemas.Limits;
import dev.firn.schemas.RequestDigest;
import dev.firn.service.event.EventSize;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Decides requests for a standing retrieval against its record. Pure: [StandingQueue] applies the decisions.
final class StandingDecision {
    private final StandingCommand.Ask ask;
    private final @Nullable StandingRetrieval current;
    private final Instant now;

    /// @param current the standing retrieval's record, which may be a cancelled one; null if there is none
    StandingDecision(StandingCommand.Ask ask, @Nullable StandingRetrieval current, Instant now) {
        this.ask = ask;
        this.current = current;
        this.now = now;
    }

    /// @param written the record to write; null to keep the current one
    record Decision(RetrievalResult answer, @Nullable StandingRetrieval written) {}

    Decision refused(Violation reason) {
        Violation violation = EventSize.shortened(reason);
        RetrievalResult failed = RetrievalResult.newBuilder(answer(RetrievalStatus.FAILED, violation.getMessage()))
                .setCode(violation.getCode())
                .setFault(violation.getFault())
                .setViolations(List.of(violation))
                .build();
        return new Decision(failed, null);
    }

    /// Creates or changes the definition, which is then due to run.
    ///
    /// @param spine for the runs, in place of the request's own, which may have its rows inline
    Decision created(Spine spine) {
        StandingRequest request = ask.request();
        String id = request.getStandingId();
        RetrievalRequest retrieval = RetrievalRequest.newBuilder(Objects.requireNonNull(request.getRetrieval()))
                .setRequestId(id)
                .setSpine(spine)
                .setStandingId(id)
                .setPreviousPins(null)
                .setPreviousRun(null)
                .build();
        if (current != null
                && current.getStatus() != StandingStatus.CANCELLED
                && RequestDigest.of(current.getRetrieval()).equals(RequestDigest.of(retrieval))) {
            String message = "Standing retrieval '%s' is unchanged at version %d".formatted(id, current.getVersion());
            return unchanged(RetrievalStatus.CREATED, message);
        }
        boolean staysSuspended = current != null && Suspension.isByOperator(current);
        StandingRetrieval record = (current == null
                        ? StandingRetrieval.newBuilder()
                        : StandingRetrieval.newBuilder(current))
                .setStandingId(id)
                .setVersion(current == null ? 1 : current.getVersion() + 1)
                .setStatus(staysSuspended ? StandingStatus.SUSPENDED : StandingStatus.ACTIVE)
                .setReasons(List.of())
                .setSuspendedBy(staysSuspended ? SuspendedBy.OPERATOR : null)
                .setRetrieval(retrieval)
                .setRequestId(request.getRequestId())
                .setOutstandingRunId(null)
                .setOutstandingSince(null)
                .setFailedRuns(0)
                .setRetryAt(null)
                .setDirty(true)
                .setUpdatedAt(now)
                .build();
        String message = "Standing retrieval '%s' is %s at version %d"
                .formatted(id, staysSuspended ? "still suspended" : "active", record.getVersion());
        return new Decision(answer(RetrievalStatus.CREATED, message), record);
    }

    /// A run is due. Whoever lets it go out says that it resumes, if it was suspended.
    Decision ran() {
        StandingRetrieval record = StandingRetrieval.newBuilder(existing())
                .setDirty(true)
                .setUpdatedAt(now)
                .build();
        String outstanding = record.getOutstandingRunId();
        String message = outstanding == null
                ? "Standing retrieval '%s' runs now".formatted(record.getStandingId())
                : "Standing retrieval '%s' runs again after %s".formatted(record.getStandingId(), outstanding);
        return new Decision(answer(RetrievalStatus.RUN_REQUESTED, message), record);
    }

    /// Suspends it by an operator. What was due is due when it resumes.
    Decision suspended() {
        StandingRetrieval record = existing();
        boolean isRetryDue = record.getRetryAt() != null;
        StandingRetrieval written = Suspension.suspended(record, SuspendedBy.OPERATOR, List.of())
                .setDirty(record.getDirty() || isRetryDue)
                .setUpdatedAt(now)
                .build();
        String message = "Standing retrieval '%s' is suspended until it is resumed".formatted(record.getStandingId());
        return Suspension.isByOperator(record)
                ? unchanged(RetrievalStatus.SUSPENDED, message)
                : new Decision(answer(RetrievalStatus.SUSPENDED, message), written);
    }

    /// Ends a suspension by an operator or by a fault of the request. A run that failed, or did not reach its target
    /// table, is made up for.
    Decision resumed() {
        StandingRetrieval record = existing();
        if (record.getStatus() != StandingStatus.SUSPENDED) {
            return unchanged(
                    RetrievalStatus.RESUMED,
                    "Standing retrieval '%s' is not suspended".formatted(record.getStandingId()));
        }
        Violation failure = record.getLastFailure();
        boolean hasFailed = failure != null && !RunAnswer.isCancellation(failure);
        StandingRetrieval written = Suspension.active(record)
                .setDirty(record.getDirty() || hasFailed || RunAnswer.isTargetDue(record.getLastTarget()))
                .setUpdatedAt(now)
                .build();
        String message = "Standing retrieval '%s' is resumed".formatted(record.getStandingId());
        return new Decision(answer(RetrievalStatus.RESUMED, message), written);
    }

    private StandingRetrieval existing() {
        return Objects.requireNonNull(current);
    }

    private Decision unchanged(RetrievalStatus status, String message) {
        return new Decision(
                RetrievalResult.newBuilder(answer(status, message))
                        .setUnchanged(true)
                        .build(),
                null);
    }

    Decision cancelled() {
        StandingRetrieval record = StandingRetrieval.newBuilder(existing())
                .setStatus(StandingStatus.CANCELLED)
                .setReasons(List.of())
                .setSuspendedBy(null)
                .setRequestId(ask.request().getRequestId())
                .setOutstandingRunId(null)
                .setOutstandingSince(null)
                .setFailedRuns(0)
                .setRetryAt(null)
                .setDirty(false)
                .setUpdatedAt(now)
                .build();
        String message =
                "Standing retrieval '%s' is cancelled".formatted(ask.request().getStandingId());
        return new Decision(answer(RetrievalStatus.CANCELLED, message), record);
    }

    private RetrievalResult answer(RetrievalStatus status, String message) {
        return RetrievalResult.newBuilder()
                .setRequestId(EventSize.cut(ask.request().getRequestId(), Limits.ID_LENGTH))
                .setRequestDigest(ask.digest())
                .setStatus(status)
                .setMessage(message)
                .setStandingId(EventSize.cut(ask.request().getStandingId(), Limits.ID_LENGTH))
                .setCompletedAt(now)
                .build();
    }
}
