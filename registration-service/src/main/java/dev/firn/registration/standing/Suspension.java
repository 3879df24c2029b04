package dev.firn.registration.standing;

import dev.firn.events.Fault;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.SuspendedBy;
import dev.firn.events.Violation;
import java.util.List;

/// Who suspended a standing retrieval, and so what ends that.
///
/// ```
///            a view is broken, dropped, too large                 the views are well again
///   ACTIVE ─────────────────────────────────────▶ by VIEW ──────────────────────────────────────▶ ACTIVE, runs
///            a run failed by a fault of the request               RUN, RESUME, another definition,
///   ACTIVE ─────────────────────────────────────▶ by REQUEST ──────────────────────────────────▶ ACTIVE, runs
///            SUSPEND                                              a change of what it reads
///   any    ─────────────────────────────────────▶ by OPERATOR ─────────────────────────────────▶ ACTIVE
///                                                                 RESUME                  runs if that is due
/// ```
///
/// A suspension by an operator outlasts changes of the views and of the definition. What is due in the meantime is due
/// when it ends.
final class Suspension {
    private Suspension() {}

    /// [SuspendedBy#UNKNOWN] if it is not suspended. Records of older versions do not say it.
    static SuspendedBy by(StandingRetrieval record) {
        if (record.getStatus() != StandingStatus.SUSPENDED) {
            return SuspendedBy.UNKNOWN;
        }
        if (record.getSuspendedBy() != null && record.getSuspendedBy() != SuspendedBy.UNKNOWN) {
            return record.getSuspendedBy();
        }
        Violation failure = record.getLastFailure();
        return failure != null && failure.getFault() == Fault.REQUEST && !record.getDirty()
                ? SuspendedBy.REQUEST
                : SuspendedBy.VIEW;
    }

    static boolean isByOperator(StandingRetrieval record) {
        return by(record) == SuspendedBy.OPERATOR;
    }

    static StandingRetrieval.Builder active(StandingRetrieval record) {
        return StandingRetrieval.newBuilder(record)
                .setStatus(StandingStatus.ACTIVE)
                .setReasons(List.of())
                .setSuspendedBy(null);
    }

    static StandingRetrieval.Builder suspended(StandingRetrieval record, SuspendedBy by, List<Violation> reasons) {
        return StandingRetrieval.newBuilder(record)
                .setStatus(StandingStatus.SUSPENDED)
                .setReasons(reasons)
                .setSuspendedBy(by)
                .setRetryAt(null);
    }
}
