package dev.firn.registration.standing;

import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.SuspendedBy;
import dev.firn.events.ViewStatus;
import dev.firn.events.Violation;
import dev.firn.registration.command.StandingCommand;
import dev.firn.registration.standing.StandingEntry.SubscribedView;
import dev.firn.schemas.Code;
import dev.firn.schemas.Ids;
import dev.firn.schemas.Limits;
import dev.firn.service.event.BrokenView;
import dev.firn.service.event.EventSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// The checks of requests for standing retrievals, and of their runs.
final class StandingRules {
    /// Leaves room for what run ids append, since they are ids themselves.
    static final int MAX_STANDING_ID = 80;

    private final int limit;
    private final IntSupplier count;

    /// @param limit on the standing retrievals of a partition
    /// @param count how many there are now
    StandingRules(int limit, IntSupplier count) {
        this.limit = limit;
        this.count = count;
    }

    /// Ids that cannot be keys of state and topics.
    static Optional<Violation> unaddressable(StandingRequest request) {
        if (!Ids.isRequestId(request.getRequestId())) {
            return violation(
                    Code.INVALID_REQUEST_ID,
                    "request_id",
                    "must be letters, digits, '.', '_' and '-', at most 127 of them");
        }
        if (Ids.isRunId(request.getRequestId())) {
            return violation(
                    Code.REQUEST_ID_RESERVED,
                    "request_id",
                    "must not have the form of a run's id: <standing id>.r<number>.<16 hexadecimal digits>");
        }
        if (!Ids.isStandingId(request.getStandingId())
                || request.getStandingId().length() > MAX_STANDING_ID) {
            return violation(
                    Code.INVALID_STANDING_ID,
                    "standing_id",
                    "must be letters, digits, '.', '_' and '-', at most %d of them".formatted(MAX_STANDING_ID));
        }
        return Optional.empty();
    }

    /// What is wrong with the request as such. Its views and features are checked by its first run.
    Optional<Violation> violation(StandingCommand.Ask ask, @Nullable StandingRetrieval record) {
        StandingRequest request = ask.request();
        String key = ask.recordKey();
        if (key != null && !key.equals(request.getStandingId())) {
            return violation(
                    Code.KEY_MISMATCH,
                    "standing_id",
                    "the record's key is '%s', the standing id is '%s'".formatted(key, request.getStandingId()));
        }
        return switch (request.getAction()) {
            case UNKNOWN ->
                violation(Code.UNKNOWN_ACTION, "action", "the action must be CREATE, CANCEL, RUN, SUSPEND or RESUME");
            case CANCEL, SUSPEND -> unknown(request, record);
            case RUN -> unknown(request, record).or(() -> cannotRun(record, SuspendedBy.OPERATOR));
            case RESUME -> unknown(request, record).or(() -> cannotRun(record, SuspendedBy.UNKNOWN));
            case CREATE -> {
                Optional<Violation> definition = definition(request.getRetrieval());
                yield definition.isPresent() ? definition : oneTooMany(record);
            }
        };
    }

    private static Optional<Violation> unknown(StandingRequest request, @Nullable StandingRetrieval record) {
        if (record == null) {
            return violation(
                    Code.UNKNOWN_STANDING_RETRIEVAL,
                    "standing_id",
                    "there is no standing retrieval '%s'".formatted(request.getStandingId()));
        }
        return record.getStatus() == StandingStatus.CANCELLED
                ? violation(
                        Code.UNKNOWN_STANDING_RETRIEVAL,
                        "standing_id",
                        "standing retrieval '%s' was cancelled at %s"
                                .formatted(request.getStandingId(), record.getUpdatedAt()))
                : Optional.empty();
    }

    /// Why a request cannot make it run: its views, or whoever else must resume it.
    ///
    /// @param other who else's suspension the request cannot end
    private static Optional<Violation> cannotRun(@Nullable StandingRetrieval record, SuspendedBy other) {
        if (record == null) {
            return Optional.empty();
        }
        SuspendedBy by = Suspension.by(record);
        if (by == SuspendedBy.VIEW) {
            return violation(
                    Code.STANDING_SUSPENDED,
                    "standing_id",
                    "it is suspended: "
                            + (record.getReasons().isEmpty()
                                    ? "a view that it reads is broken or dropped"
                                    : record.getReasons().getFirst().getMessage()));
        }
        return by == SuspendedBy.OPERATOR && other == by
                ? violation(Code.STANDING_SUSPENDED, "standing_id", "an operator has suspended it; resume it first")
                : Optional.empty();
    }

    private Optional<Violation> oneTooMany(@Nullable StandingRetrieval record) {
        boolean isNew = record == null || record.getStatus() == StandingStatus.CANCELLED;
        return isNew && count.getAsInt() >= limit
                ? violation(
                        Code.TOO_MANY_STANDING_RETRIEVALS,
                        "standing_id",
                        "its partition has %d standing retrievals, which is the limit (firn.registration.max-standing-retrievals)"
                                .formatted(count.getAsInt()))
                : Optional.empty();
    }

    private static Optional<Violation> definition(@Nullable RetrievalRequest retrieval) {
        if (retrieval == null) {
            return violation(Code.NO_RETRIEVAL, "retrieval", "the retrieval to run is missing");
        }
        if (retrieval.getPins() != null || retrieval.getPinsLocation() != null) {
            return violation(
                    Code.PINS_NOT_ALLOWED,
                    "retrieval.pins",
                    "must be absent, or every run would give the same rows; Firn pins each run");
        }
        if (retrieval.getDeadline() != null) {
            return violation(
                    Code.DEADLINE_NOT_ALLOWED,
                    "retrieval.deadline",
                    "must be absent, or every run after it would fail; cancel the standing retrieval to end it");
        }
        int views = StandingRun.viewsByAlias(retrieval).size();
        if (views > Limits.STANDING_VIEWS) {
            return Optional.of(tooLarge("it reads %d views; the limit is %d".formatted(views, Limits.STANDING_VIEWS)));
        }
        int bytes = EventSize.of(RetrievalRequest.newBuilder(retrieval)
                .setSpine(Spine.newBuilder(retrieval.getSpine())
                        .setRows(List.of())
                        .build())
                .setPreviousPins(null)
                .build());
        if (bytes > Limits.STANDING_BYTES) {
            return Optional.of(tooLarge(
                    "without inline rows it has %d bytes; the limit is %d".formatted(bytes, Limits.STANDING_BYTES)));
        }
        int rows = retrieval.getSpine().getRows().size();
        if (rows > Limits.INLINE_SPINE_ROWS) {
            return violation(
                    Code.SPINE_TOO_LARGE,
                    "retrieval.spine.rows",
                    "%d rows inline; the limit is %d".formatted(rows, Limits.INLINE_SPINE_ROWS));
        }
        return Optional.empty();
    }

    /// Why the run is too large for an event even without the previous pins; empty if it fits.
    static List<Violation> tooLargeToRun(RetrievalRequest run) {
        int bytes = EventSize.of(
                RetrievalRequest.newBuilder(run).setPreviousPins(null).build());
        return bytes <= Limits.EVENT_BYTES
                ? List.of()
                : List.of(tooLarge("a run with the pins of its views has %d bytes; the limit is %d"
                        .formatted(bytes, Limits.EVENT_BYTES)));
    }

    private static Violation tooLarge(String message) {
        return Code.STANDING_TOO_LARGE.violation("retrieval", message);
    }

    /// Why it cannot run now: views that are broken as a whole, dropped, or too large together. What the run
    /// reports does not count: a view that nobody registered, one that lost features, or one that is read at a
    /// snapshot or ref of the request's choice, where it may still fit.
    static List<Violation> blockers(RetrievalRequest retrieval, Map<String, SubscribedView> views) {
        StandingInputs inputs = new StandingInputs(retrieval);
        List<Violation> blockers = new ArrayList<>();
        if (views.values().stream().anyMatch(SubscribedView::isCut)) {
            long bytes =
                    views.values().stream().mapToLong(SubscribedView::bytes).sum();
            blockers.add(
                    tooLarge("its views have %d bytes together; the limit is %d".formatted(bytes, Limits.EVENT_BYTES)));
        }
        for (Map.Entry<String, SubscribedView> view : new TreeMap<>(views).entrySet()) {
            FeatureView record = view.getValue().record();
            if (record == null) {
                continue;
            }
            if (record.getStatus() == ViewStatus.DROPPED) {
                blockers.add(Code.VIEW_DROPPED.violation(
                        "retrieval.features", "view '%s' is dropped".formatted(view.getKey())));
            } else if (BrokenView.isWhole(record) && !inputs.choosesWhatToRead(view.getKey())) {
                String why = record.getReasons().isEmpty()
                        ? ""
                        : ": " + record.getReasons().getFirst().getMessage();
                blockers.add(EventSize.shortened(Code.VIEW_BROKEN.violation(
                        "retrieval.features", "view '%s' is broken%s".formatted(view.getKey(), why))));
            }
        }
        return List.copyOf(blockers);
    }

    private static Optional<Violation> violation(Code code, String field, String message) {
        return Optional.of(code.violation(field, message));
    }
}
