package dev.firn.retrieval.answer;

import dev.firn.events.RetrievalResult;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.schemas.Code;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends answers and dead letters, however long the broker is unavailable. A record that its topic never accepts is
/// logged and skipped, because it would block its partition forever. Thread-safe.
final class Sending {
    private static final Logger log = LoggerFactory.getLogger(Sending.class);

    private final AnswerSink sink;
    private final Patience patience;

    Sending(AnswerSink sink, Patience patience) {
        this.sink = sink;
        this.patience = patience;
    }

    /// Returns once the answer is announced, or a dead letter that names its manifest.
    ///
    /// @throws java.util.concurrent.CancellationException once the request is cancelled
    void announce(TakenRequest taken, RetrievalResult result) {
        try {
            patience.until(taken, "announce", () -> {
                sink.announce(result, taken);
                return true;
            });
        } catch (RecordTooLargeException e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("record", taken.coordinates())
                    .addKeyValue("manifest", result.getManifestLocation())
                    .log("An answer is larger than its topic accepts; see the dead letter");
            deadLetter(
                    taken,
                    Code.ANSWER_TOO_LARGE,
                    "The answer is larger than its topic accepts; read it at " + result.getManifestLocation());
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

    /// @throws java.util.concurrent.CancellationException once the request is cancelled
    void deadLetter(TakenRequest taken, Code code, String reason) {
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
                    .log("A dead letter is larger than its topic accepts; the record remains only in its own topic");
        }
    }
}
