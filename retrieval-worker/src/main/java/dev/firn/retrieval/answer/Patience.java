package dev.firn.retrieval.answer;

import dev.firn.lake.LakeOutage;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.service.Backoff;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Repeats a step with growing pauses until the store, the schema registry or the broker answers. For the steps without
/// which no request can be answered. Thread-safe.
///
/// @param first the first pause; pauses grow up to `longest`
record Patience(Duration first, Duration longest) {
    private static final Logger log = LoggerFactory.getLogger(Patience.class);

    /// One step.
    interface Step<T> {
        /// @throws TransientFault or [LakeOutage] if another try may succeed
        T run();
    }

    Backoff.Pauses pauses() {
        return new Backoff(first, longest).pauses();
    }

    /// Repeats the step until it succeeds.
    ///
    /// @param step what the step does, for the log
    /// @throws CancellationException once the request is cancelled
    <T> T until(TakenRequest taken, String step, Step<T> work) {
        Backoff.Pauses pauses = pauses();
        while (true) {
            taken.cancellation().check();
            try {
                return work.run();
            } catch (TransientFault | LakeOutage e) {
                log.atWarn()
                        .addKeyValue("record", taken.coordinates())
                        .addKeyValue("step", step)
                        .addKeyValue("fault", e.getMessage())
                        .log("A step failed because of an outage; trying again");
                taken.cancellation().pause(pauses.next());
            }
        }
    }
}
