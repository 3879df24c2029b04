package dev.firn.registration.standing;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
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
                .build();
        if (current != null
                && current.getStatus() != StandingStatus.CANCELLED
                && RequestDigest.of(current.getRetrieval()).equals(RequestDigest.of(retrieval))) {
            String message = "Standing retrieval '%s' is unchanged at version %d".formatted(id, current.getVersion());
            RetrievalResult unchanged = RetrievalResult.newBuilder(answer(RetrievalStatus.CREATED, message))
                    .setUnchanged(true)
                    .build();
            return new Decision(unchanged, null);
        }
        StandingRetrieval record = (current == null
                        ? StandingRetrieval.newBuilder()
                        : StandingRetrieval.newBuilder(current))
                .setStandingId(id)
                .setVersion(current == null ? 1 : current.getVersion() + 1)
                .setStatus(StandingStatus.ACTIVE)
                .setReasons(List.of())
                .setRetrieval(retrieval)
                .setRequestId(request.getRequestId())
                .setOutstandingRunId(null)
                .setOutstandingSince(null)
                .setFailedRuns(0)
                .setRetryAt(null)
                .setDirty(true)
                .setUpdatedAt(now)
                .build();
        String message = "Standing retrieval '%s' is active at version %d".formatted(id, record.getVersion());
        return new Decision(answer(RetrievalStatus.CREATED, message), record);
    }

    Decision cancelled() {
        StandingRetrieval record = StandingRetrieval.newBuilder(Objects.requireNonNull(current))
                .setStatus(StandingStatus.CANCELLED)
                .setReasons(List.of())
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
