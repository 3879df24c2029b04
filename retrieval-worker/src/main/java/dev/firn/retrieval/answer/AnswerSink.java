package dev.firn.retrieval.answer;

import dev.firn.events.RetrievalResult;
import dev.firn.retrieval.intake.TakenRequest;
import org.apache.kafka.common.header.Headers;

/// Where answers go.
interface AnswerSink {
    /// Announces a result; returns once the broker has it.
    ///
    /// @param request headers of the request, of which those that callers use to recognise their answer go
    ///     along
    /// @throws TransientFault when it could not be announced; it may have been
    /// @throws org.apache.kafka.common.errors.RecordTooLargeException when it never can be
    void announce(RetrievalResult result, Headers request);

    /// Puts a record that cannot be answered aside, bytes untouched, or of too many the beginning; returns once the
    /// broker has it.
    ///
    /// @throws TransientFault when it could not be put aside; it may have been
    /// @throws org.apache.kafka.common.errors.RecordTooLargeException when it never can be
    void deadLetter(TakenRequest request, String code, String reason);
}
