package dev.firn.registration.standing;

import dev.firn.events.Fault;
import dev.firn.events.PreviousRun;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TargetOutcome;
import dev.firn.events.TargetStatus;
import dev.firn.events.Violation;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import dev.firn.service.event.EventSize;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// What the answer to a run makes of the record. Pure: [StandingRuns] applies it.
///
/// Location and pins of the record are those of the last successful run. A failed run leaves them, and is made up for:
///
/// - If something changed since the run was issued, the next one is due anyway.
/// - If the run was cancelled, the next one is due when something changes. It is neither tried again nor counted.
/// - If the request is at fault, no run helps until something changes.
/// - Otherwise another run is due after a pause, with the pins of that time, since a snapshot may have expired.
///
/// A successful run whose commit to the target table was refused counts as a success, but another run is due in the
/// same way: what became of a commit is decided once, so only a new run can commit. If the request is at fault, a new
/// run is refused until somebody changes the table or the request.
final class RunAnswer {
    /// Reasons that a suspended record lists; the run's result has all of them.
    static final int MAX_REASONS = 20;

    /// Codes about the id, the pins and the encoding of a run, which are Firn's. The next run has others.
    private static final Set<Code> NOT_THE_USERS =
            EnumSet.of(Code.REQUEST_ID_REUSED, Code.PINS_INVALID, Code.UNDECODABLE_REQUEST);

    private RunAnswer() {}

    /// The record after the answer.
    ///
    /// @param record with the run outstanding
    /// @param pauses before runs that follow failed ones, by the number of those
    static StandingRetrieval closed(
            StandingRetrieval record,
            RetrievalRequest run,
            RetrievalResult result,
            IntFunction<Duration> pauses,
            Instant now) {
        StandingRetrieval.Builder closed = StandingRetrieval.newBuilder(record)
                .setOutstandingRunId(null)
                .setOutstandingSince(null)
                .setLastRunId(run.getRequestId())
                .setLastStatus(result.getStatus())
                .setUpdatedAt(now);
        boolean isTriedAgain = !record.getDirty() && !Suspension.isByOperator(record);
        if (result.getStatus() == RetrievalStatus.SUCCEEDED) {
            TargetOutcome target = result.getTarget();
            closed.setLastLocation(result.getLocation())
                    .setLastPins(run.getPins())
                    .setLastSuccess(success(result))
                    .setLastTarget(target == null ? null : EventSize.shortened(target))
                    .setLastFailure(null)
                    .setFailedRuns(0)
                    .setRetryAt(null);
            return isTargetDue(target)
                    ? later(closed, record.getFailedRuns() + 1, isTriedAgain, pauses, now)
                    : closed.build();
        }
        Violation failure = failure(result);
        if (isCancellation(failure)) {
            return closed.setLastFailure(failure).setRetryAt(null).build();
        }
        return later(
                closed.setLastFailure(failure),
                record.getFailedRuns() + 1,
                isTriedAgain && failure.getFault() != Fault.REQUEST,
                pauses,
                now);
    }

    private static StandingRetrieval later(
            StandingRetrieval.Builder closed,
            int failedRuns,
            boolean isTriedAgain,
            IntFunction<Duration> pauses,
            Instant now) {
        return closed.setFailedRuns(failedRuns)
                .setRetryAt(isTriedAgain ? now.plus(pauses.apply(failedRuns)) : null)
                .build();
    }

    /// Whether the result of a successful run is missing in its target table for a reason that may pass.
    static boolean isTargetDue(@Nullable TargetOutcome target) {
        return target != null && target.getStatus() == TargetStatus.NOT_COMMITTED && target.getFault() != Fault.REQUEST;
    }

    /// What the next run starts from.
    private static @Nullable PreviousRun success(RetrievalResult result) {
        String manifest = result.getManifestLocation();
        return manifest == null ? null : new PreviousRun(result.getRequestId(), manifest);
    }

    /// Whether the last run failed through a fault of the request, and nothing has changed since it was issued.
    static boolean isRefused(StandingEntry entry) {
        StandingRetrieval record = entry.record();
        if (record == null || record.getDirty() || entry.outstanding() != null) {
            return false;
        }
        Violation failure = record.getLastFailure();
        return failure != null && failure.getFault() == Fault.REQUEST && !isCancellation(failure);
    }

    /// Whether somebody cancelled the run. That says nothing about the definition.
    static boolean isCancellation(Violation failure) {
        return failure.getCode().equals(Code.CANCELLED.name());
    }

    /// Whether the pause after a failed run is over.
    static boolean isRetryDue(StandingRetrieval record, Instant now) {
        Instant retryAt = record.getRetryAt();
        return retryAt != null && !retryAt.isAfter(now);
    }

    /// What the result says is wrong with the request; at least one reason.
    static List<Violation> reasons(RetrievalResult result) {
        List<Violation> reasons = result.getViolations().stream()
                .limit(MAX_REASONS)
                .map(RunAnswer::shortened)
                .toList();
        return reasons.isEmpty() ? List.of(failure(result)) : reasons;
    }

    private static Violation failure(RetrievalResult result) {
        return shortened(Violation.newBuilder()
                .setCode(result.getCode())
                .setFault(fault(result))
                .setMessage(result.getMessage())
                .build());
    }

    /// The fault of a failed run is REQUEST, DATA or SERVICE. Results of older workers do not say it, but their code
    /// does. A code that is not known here may be anything, so the run is tried again.
    private static Fault fault(RetrievalResult result) {
        Optional<Code> code = Code.of(result.getCode());
        if (code.filter(NOT_THE_USERS::contains).isPresent()) {
            return Fault.SERVICE;
        }
        if (result.getFault() != Fault.UNKNOWN) {
            return result.getFault();
        }
        return code.map(Code::fault).orElse(Fault.SERVICE);
    }

    private static Violation shortened(Violation violation) {
        return EventSize.shortened(Violation.newBuilder(violation)
                .setCode(EventSize.cut(violation.getCode(), Limits.IDENTIFIER_LENGTH))
                .build());
    }
}
