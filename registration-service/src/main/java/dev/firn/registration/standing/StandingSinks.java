package dev.firn.registration.standing;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.Violation;
import dev.firn.registration.command.TableCommand;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.meter.StatusCounts;
import dev.firn.registration.state.NodeNames;
import dev.firn.schemas.FirnHeaders;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/// Forwards each kind of event to its sink, with its headers.
final class StandingSinks {
    private final ProcessorContext<String, Object> context;
    private final StatusCounts<StandingStatus> counts;
    private final RegistryMeters meters;

    /// @param counts of the records that were published
    StandingSinks(
            ProcessorContext<String, Object> context, StatusCounts<StandingStatus> counts, RegistryMeters meters) {
        this.context = context;
        this.counts = counts;
        this.meters = meters;
    }

    void publish(String id, StandingRetrieval record) {
        counts.set(id, record.getStatus());
        context.forward(new Record<>(id, record, context.currentSystemTimeMs()), NodeNames.STANDING_RETRIEVALS_SINK);
    }

    void issue(String id, RetrievalRequest run) {
        Headers headers = new RecordHeaders();
        FirnHeaders.set(headers, FirnHeaders.REQUEST_ID, run.getRequestId());
        FirnHeaders.set(headers, FirnHeaders.STANDING_ID, id);
        context.forward(new Record<>(id, run, context.currentSystemTimeMs(), headers), NodeNames.RETRIEVAL_RUNS_SINK);
        meters.runIssued();
    }

    /// Requests a commit, so that the answer is visible as soon as possible.
    ///
    /// @param headers of the request; the answer's own are added to them
    void answer(String id, RetrievalResult result, Headers headers) {
        FirnHeaders.set(headers, FirnHeaders.REQUEST_ID, result.getRequestId());
        FirnHeaders.set(headers, FirnHeaders.STANDING_ID, id);
        context.forward(
                new Record<>(id, result, context.currentSystemTimeMs(), headers), NodeNames.STANDING_RESULTS_SINK);
        context.commit();
    }

    /// Says what has happened to it, as an answer to the request that last changed it.
    void announce(StandingRetrieval record, RetrievalStatus status, String message, List<Violation> reasons) {
        RetrievalResult result = RetrievalResult.newBuilder()
                .setRequestId(record.getRequestId())
                .setRequestDigest("")
                .setStatus(status)
                .setMessage(message)
                .setViolations(reasons)
                .setStandingId(record.getStandingId())
                .setCompletedAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
                .build();
        answer(record.getStandingId(), result, new RecordHeaders());
    }

    void tellTable(String table, TableCommand command) {
        context.forward(new Record<>(table, command, context.currentSystemTimeMs()), NodeNames.STANDING_TO_TABLES_SINK);
    }

    void tellView(String view, ViewCommand command) {
        context.forward(new Record<>(view, command, context.currentSystemTimeMs()), NodeNames.STANDING_TO_VIEWS_SINK);
    }
}
