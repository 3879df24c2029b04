package dev.firn.registration.standing;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRetrieval;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.state.NodeNames;
import dev.firn.schemas.FirnHeaders;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/// What the writer of standing retrievals sends: each kind of event with its headers to its sink.
final class StandingSinks {
    private final ProcessorContext<String, Object> context;

    StandingSinks(ProcessorContext<String, Object> context) {
        this.context = context;
    }

    void publish(String id, StandingRetrieval record) {
        context.forward(new Record<>(id, record, context.currentSystemTimeMs()), NodeNames.STANDING_RETRIEVALS_SINK);
    }

    void publishTombstone(String id, long atMillis) {
        context.forward(new Record<>(id, null, atMillis), NodeNames.STANDING_RETRIEVALS_SINK);
    }

    void issue(String id, RetrievalRequest run) {
        Headers headers = new RecordHeaders();
        FirnHeaders.set(headers, FirnHeaders.REQUEST_ID, run.getRequestId());
        FirnHeaders.set(headers, FirnHeaders.STANDING_ID, id);
        context.forward(new Record<>(id, run, context.currentSystemTimeMs(), headers), NodeNames.RETRIEVAL_RUNS_SINK);
    }

    /// Asks for a commit, so that nobody waits longer for an answer than he must.
    ///
    /// @param headers of the request that is answered; they are completed here
    void answer(String id, RetrievalResult result, Headers headers) {
        FirnHeaders.set(headers, FirnHeaders.REQUEST_ID, result.getRequestId());
        FirnHeaders.set(headers, FirnHeaders.STANDING_ID, id);
        context.forward(
                new Record<>(id, result, context.currentSystemTimeMs(), headers), NodeNames.STANDING_RESULTS_SINK);
        context.commit();
    }

    void tellView(String view, ViewCommand command) {
        context.forward(new Record<>(view, command, context.currentSystemTimeMs()), NodeNames.STANDING_TO_VIEWS_SINK);
    }
}
