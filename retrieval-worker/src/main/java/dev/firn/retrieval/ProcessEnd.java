package dev.firn.retrieval;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends the process at once, without closing anything. For faults after which the process cannot be trusted: memory ran
/// out, or a request was lost. The broker hands the requests to another worker, or to this one after its restart.
final class ProcessEnd {
    private static final Logger log = LoggerFactory.getLogger(ProcessEnd.class);
    /// As with `-XX:+ExitOnOutOfMemoryError`.
    private static final int STATUS = 3;

    private ProcessEnd() {}

    static void now(Throwable fault) {
        try {
            log.atError().setCause(fault).log("The process ends because it can no longer be trusted");
        } finally {
            Runtime.getRuntime().halt(STATUS);
        }
    }
}
