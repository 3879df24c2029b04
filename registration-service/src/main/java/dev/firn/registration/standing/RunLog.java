package dev.firn.registration.standing;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TargetOutcome;
import dev.firn.events.TargetStatus;
import dev.firn.events.Violation;
import dev.firn.registration.meter.RegistryMeters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notes in the log and the meters what becomes of runs.
final class RunLog {
    private static final Logger LOG = LoggerFactory.getLogger(RunLog.class);

    private final RegistryMeters meters;

    RunLog(RegistryMeters meters) {
        this.meters = meters;
    }

    void issued(String id, RetrievalRequest run) {
        LOG.atInfo()
                .addKeyValue("standingId", id)
                .addKeyValue("requestId", run.getRequestId())
                .log("run issued");
    }

    /// A run follows a failed one, or is issued again.
    void retried() {
        meters.runRetried();
    }

    /// The last run has failed, was cancelled, or has not reached its target table.
    ///
    /// @param record after the answer
    void answered(String id, StandingRetrieval record) {
        Violation failure = record.getLastFailure();
        if (failure == null) {
            target(id, record);
        } else if (RunAnswer.isCancellation(failure)) {
            LOG.atInfo()
                    .addKeyValue("standingId", id)
                    .addKeyValue("requestId", record.getLastRunId())
                    .log("run cancelled");
        } else {
            meters.runFailed();
            LOG.atWarn()
                    .addKeyValue("standingId", id)
                    .addKeyValue("requestId", record.getLastRunId())
                    .addKeyValue("code", failure.getCode())
                    .addKeyValue("failedRuns", record.getFailedRuns())
                    .addKeyValue("retryAt", record.getRetryAt())
                    .log("run failed");
        }
    }

    private static void target(String id, StandingRetrieval record) {
        TargetOutcome target = record.getLastTarget();
        if (target != null && target.getStatus() == TargetStatus.NOT_COMMITTED) {
            LOG.atWarn()
                    .addKeyValue("standingId", id)
                    .addKeyValue("requestId", record.getLastRunId())
                    .addKeyValue("table", target.getTable())
                    .addKeyValue("code", target.getCode())
                    .addKeyValue("failedRuns", record.getFailedRuns())
                    .addKeyValue("retryAt", record.getRetryAt())
                    .log("result not committed to its target table");
        }
    }
}
