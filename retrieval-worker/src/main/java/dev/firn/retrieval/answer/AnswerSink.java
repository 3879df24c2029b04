package dev.firn.retrieval.answer;

import dev.firn.events.RetrievalResult;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.schemas.Code;

/// Sends answers and dead letters.
public interface AnswerSink {
    /// Announces a result; returns once the broker has acknowledged it.
    ///
    /// @param request of its headers, those that callers use to recognise their answer are copied
    /// @throws java.util.concurrent.CancellationException soon after the request is cancelled; it may be
    ///     announced or not
    /// @throws TransientFault if it is not known to be announced
    /// @throws org.apache.kafka.common.errors.RecordTooLargeException if the topic never accepts it
    void announce(RetrievalResult result, TakenRequest request);

    /// Sends a record that cannot be answered to the dead letters; returns once the broker has acknowledged it. The
    /// bytes are unchanged, or truncated if they are too many.
    ///
    /// @throws java.util.concurrent.CancellationException soon after the request is cancelled; it may be sent or
    ///     not
    /// @throws TransientFault if it is not known to be sent
    /// @throws org.apache.kafka.common.errors.RecordTooLargeException if the topic never accepts it
    void deadLetter(TakenRequest request, Code code, String reason);
}
