package dev.firn.retrieval.answer;

import dev.firn.lake.LakeOutage;
import dev.firn.retrieval.intake.TakenRequest;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tries steps again, with growing pauses, while a neighbour does not answer: for those without which nothing
/// can be answered at all. Thread-safe.
///
/// @param first pause, which grows up to `longest`
record Patience(Duration first, Duration longest) {
    private static final Logger log = LoggerFactory.getLogger(Patience.class);

    /// Something to try.
    interface Step<T> {
        /// @throws TransientFault and [LakeOutage] when another try may work
        T run();
    }

    Backoff backoff() {
        return new Backoff(first, longest);
    }

    /// Tries until it works.
    ///
    /// @param step what is tried, for the log
    /// @throws CancellationException when the request was given up
    <T> T until(TakenRequest taken, String step, Step<T> work) {
        Backoff backoff = backoff();
        while (true) {
            taken.cancellation().check();
            try {
                return work.run();
            } catch (TransientFault | LakeOutage e) {
                log.atWarn()
                        .addKeyValue("record", taken.coordinates())
                        .addKeyValue("step", step)
                        .addKeyValue("fault", e.getMessage())
                        .log("A neighbour does not answer; trying again");
                taken.cancellation().pause(backoff.next());
            }
        }
    }
}
