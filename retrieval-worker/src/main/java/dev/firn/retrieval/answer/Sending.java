package dev.firn.retrieval.answer;

import dev.firn.events.RetrievalResult;
import dev.firn.retrieval.intake.TakenRequest;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gets answers and dead letters out, however long the broker is away. What no topic ever takes is logged and
/// passed over: trying again would hold the partition up for ever. Thread-safe.
final class Sending {
    private static final Logger log = LoggerFactory.getLogger(Sending.class);

    private final AnswerSink sink;
    private final Patience patience;

    Sending(AnswerSink sink, Patience patience) {
        this.sink = sink;
        this.patience = patience;
    }

    /// Returns when the answer is out, or a dead letter that says where it stands.
    ///
    /// @throws java.util.concurrent.CancellationException when the request was given up
    void announce(TakenRequest taken, RetrievalResult result) {
        try {
            patience.until(taken, "announce", () -> {
                sink.announce(result, taken.headers());
                return true;
            });
        } catch (RecordTooLargeException e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("record", taken.coordinates())
                    .addKeyValue("manifest", result.getManifestLocation())
                    .log("An answer is larger than its topic takes; see the dead letter");
            deadLetter(
                    taken,
                    "ANSWER_TOO_LARGE",
                    "The answer does not fit into its topic; it stands at " + result.getManifestLocation());
            return;
        }
        log.atInfo()
                .addKeyValue("requestId", result.getRequestId())
                .addKeyValue("status", result.getStatus())
                .addKeyValue("code", result.getCode())
                .addKeyValue("rows", result.getRows())
                .addKeyValue("attempt", result.getAttempt())
                .log("Answered");
    }

    /// @throws java.util.concurrent.CancellationException when the request was given up
    void deadLetter(TakenRequest taken, String code, String reason) {
        try {
            patience.until(taken, "dead-letter", () -> {
                sink.deadLetter(taken, code, reason);
                return true;
            });
        } catch (RecordTooLargeException e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("record", taken.coordinates())
                    .addKeyValue("code", code)
                    .log("A dead letter is larger than its topic takes; the record stays where it came from");
        }
    }
}
