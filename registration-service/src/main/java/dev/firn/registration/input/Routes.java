package dev.firn.registration.input;

import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableHint;
import dev.firn.registration.command.StandingCommand;
import dev.firn.registration.command.TableCommand;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.input.DecodeProcessor.Route;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.state.SavedHeader;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.FirnHeaders;
import dev.firn.schemas.Ids;
import dev.firn.schemas.Limits;
import dev.firn.schemas.RequestDigest;
import dev.firn.service.event.EventSize;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/// Routes decoded events to the writer that their *value* names. Record keys are never trusted, because clients hash
/// them differently. Commands have the time at which they are written, so that the internal topics' times go on.
public final class Routes {
    private Routes() {}

    /// Registrations go to their view's writer. Undecodable ones are answered FAILED if a header has the request id.
    public static final class Registrations implements Route<RegistrationRequest> {
        @Override
        public void event(RegistrationRequest request, RawRecord raw, ProcessorContext<Object, Object> context) {
            ViewCommand command = new ViewCommand.Register(request, RequestDigest.of(request), raw.keyText());
            context.forward(
                    new Record<>(key(request.getName()), command, context.currentSystemTimeMs(), propagated(raw)),
                    NodeNames.REGISTRATIONS_TO_VIEWS_SINK);
        }

        @Override
        public void undecodable(
                Decoded.Undecodable<RegistrationRequest> why, RawRecord raw, ProcessorContext<Object, Object> context) {
            String requestId = requestId(raw);
            if (requestId.isEmpty()) {
                return;
            }
            String view = key(Objects.requireNonNullElse(raw.keyText(), ""));
            RegistrationResult result = RegistrationResult.newBuilder()
                    .setRequestId(requestId)
                    .setRequestDigest("")
                    .setName(view)
                    .setStatus(RegistrationStatus.FAILED)
                    .setMessage("the request cannot be read: " + why.reason())
                    .setViolations(List.of(code(why).violation("", why.reason())))
                    .setAnsweredAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
                    .build();
            context.forward(
                    new Record<>(view, result, raw.timestamp(), propagated(raw)),
                    NodeNames.UNREADABLE_REGISTRATIONS_SINK);
        }
    }

    /// Hints go to the task that watches their table.
    public static final class Hints implements Route<TableHint> {
        @Override
        public void event(TableHint hint, RawRecord raw, ProcessorContext<Object, Object> context) {
            String table = "%s.%s.%s".formatted(hint.getCatalog(), hint.getSchema$(), hint.getTableName());
            if (table.length() > Limits.TABLE_NAME_LENGTH) {
                return; // no view reads such a table
            }
            context.forward(
                    new Record<>(table, new TableCommand.Hint(hint.getOrigin()), context.currentSystemTimeMs()),
                    NodeNames.HINTS_TO_TABLES_SINK);
        }

        @Override
        public void undecodable(
                Decoded.Undecodable<TableHint> why, RawRecord raw, ProcessorContext<Object, Object> context) {}
    }

    /// Standing requests go to the writer of their standing retrieval. Undecodable ones are answered FAILED
    /// if a header has the request id.
    public static final class StandingRequests implements Route<StandingRequest> {
        @Override
        public void event(StandingRequest request, RawRecord raw, ProcessorContext<Object, Object> context) {
            StandingCommand command = new StandingCommand.Ask(request, RequestDigest.of(request), raw.keyText());
            context.forward(
                    new Record<>(key(request.getStandingId()), command, context.currentSystemTimeMs(), propagated(raw)),
                    NodeNames.REQUESTS_TO_STANDING_SINK);
        }

        @Override
        public void undecodable(
                Decoded.Undecodable<StandingRequest> why, RawRecord raw, ProcessorContext<Object, Object> context) {
            String requestId = requestId(raw);
            if (requestId.isEmpty()) {
                return;
            }
            String standingId = key(Objects.requireNonNullElse(raw.keyText(), ""));
            RetrievalResult result = RetrievalResult.newBuilder()
                    .setRequestId(requestId)
                    .setRequestDigest("")
                    .setStatus(RetrievalStatus.FAILED)
                    .setCode(code(why).name())
                    .setFault(code(why).fault())
                    .setMessage("the request cannot be read: " + why.reason())
                    .setStandingId(standingId)
                    .setCompletedAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
                    .build();
            context.forward(
                    new Record<>(standingId, result, raw.timestamp(), propagated(raw)),
                    NodeNames.UNREADABLE_STANDING_SINK);
        }
    }

    /// Final results of runs go to the writer of their standing retrieval; all others are ignored.
    public static final class RunResults implements Route<RetrievalResult> {
        @Override
        public void event(RetrievalResult result, RawRecord raw, ProcessorContext<Object, Object> context) {
            String standingId = result.getStandingId();
            boolean isFinal =
                    result.getStatus() == RetrievalStatus.SUCCEEDED || result.getStatus() == RetrievalStatus.FAILED;
            if (standingId != null && Ids.isStandingId(standingId) && isFinal) {
                context.forward(
                        new Record<>(
                                standingId, new StandingCommand.RunAnswered(result), context.currentSystemTimeMs()),
                        NodeNames.RESULTS_TO_STANDING_SINK);
            }
        }

        @Override
        public void undecodable(
                Decoded.Undecodable<RetrievalResult> why, RawRecord raw, ProcessorContext<Object, Object> context) {}
    }

    /// Cuts names that are too long. They stay longer than a valid name, so their receiver rejects them.
    private static String key(String name) {
        return EventSize.cut(name, Limits.ID_LENGTH + 1);
    }

    private static Code code(Decoded.Undecodable<?> why) {
        return Code.valueOf(why.code().name());
    }

    private static Headers propagated(RawRecord raw) {
        Headers headers = new RecordHeaders();
        FirnHeaders.copy(SavedHeader.restored(raw.headers()), headers);
        return headers;
    }

    private static String requestId(RawRecord raw) {
        return FirnHeaders.text(SavedHeader.restored(raw.headers()), FirnHeaders.REQUEST_ID)
                .filter(Ids::isRequestId)
                .orElse("");
    }
}
