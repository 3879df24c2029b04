package dev.firn.registration.standing;

import dev.firn.config.FirnConfig;
import dev.firn.events.RetrievalResult;
import dev.firn.events.Spine;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.Violation;
import dev.firn.registration.async.DueTimes;
import dev.firn.registration.command.StandingCommand;
import dev.firn.registration.standing.SpineWrites.Outcome;
import dev.firn.registration.standing.SpineWrites.Written;
import dev.firn.registration.standing.StandingDecision.Decision;
import dev.firn.registration.standing.StandingEntry.Answered;
import dev.firn.registration.standing.StandingEntry.PendingRequest;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.state.SavedHeader;
import dev.firn.schemas.Code;
import dev.firn.service.Backoff;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// Takes requests for standing retrievals from acceptance to answer, in order per standing id.
///
/// An accepted request is stored in the entry of its standing retrieval. Most are answered at once. One with an inline
/// spine waits until the spine is stored or its deadline has passed, and those behind it wait too.
final class StandingQueue {
    private final FirnConfig.Registration settings;
    private final ProcessorContext<String, Object> context;
    private final KeyValueStore<String, StandingEntry> store;
    private final StandingRules rules;
    private final SpineWrites spines;
    private final StandingRuns runs;
    private final StandingSinks sinks;
    private final DueTimes due = new DueTimes();

    StandingQueue(
            FirnConfig.Registration settings,
            ProcessorContext<String, Object> context,
            StandingRules rules,
            SpineWrites spines,
            StandingRuns runs,
            StandingSinks sinks) {
        this.settings = settings;
        this.context = context;
        this.store = context.getStateStore(NodeNames.STANDING_STORE);
        this.rules = rules;
        this.spines = spines;
        this.runs = runs;
        this.sinks = sinks;
    }

    /// Continues what an earlier incarnation left.
    void resume(String id, StandingEntry entry) {
        if (entry.head() != null) {
            due.add(id, 0);
        }
    }

    void accept(String id, StandingCommand.Ask ask, Headers headers) {
        Optional<Violation> violation = StandingRules.unaddressable(ask.request());
        if (violation.isPresent()) {
            // such ids cannot be keys in the store, so nothing is kept of the request
            sinks.answer(id, decision(ask, null).refused(violation.get()).answer(), headers);
            return;
        }
        StandingEntry entry = StandingEntry.in(store, id);
        if (entry.isFull(ask)) {
            refuse(id, ask, entry, headers);
            return;
        }
        store.put(
                id,
                entry.withQueued(new PendingRequest(ask, SavedHeader.of(headers), context.currentSystemTimeMs(), 0)));
        advance(id);
    }

    /// Rejects only new requests; resends keep their answer.
    private void refuse(String id, StandingCommand.Ask ask, StandingEntry entry, Headers headers) {
        Answered before = entry.answerOf(ask);
        if (before != null) {
            sinks.answer(id, before.result(), headers);
        } else if (!entry.isWaiting(ask)) {
            Violation overloaded = Code.OVERLOADED.violation("", "too many requests are waiting; send it again later");
            sinks.answer(id, decision(ask, entry.record()).refused(overloaded).answer(), headers);
        }
    }

    void tick(long now) {
        spines.drain(this::apply);
        for (String id = due.take(now); id != null; id = due.take(now)) {
            if (!advance(id)) {
                return;
            }
        }
    }

    /// Answers waiting requests in order, until one needs its spine stored.
    ///
    /// @return false if the pool is full
    private boolean advance(String id) {
        while (!spines.isWriting(id)) {
            StandingEntry entry = StandingEntry.in(store, id);
            PendingRequest head = entry.head();
            if (head == null) {
                return true;
            }
            if (!answerWithoutStoring(id, entry, head)) {
                return storeSpine(id, entry, head);
            }
        }
        return true;
    }

    private boolean answerWithoutStoring(String id, StandingEntry entry, PendingRequest head) {
        StandingRequest request = head.ask().request();
        StandingDecision decision = decision(head.ask(), entry.record());
        for (Answered before : entry.answered()) {
            if (before.requestId().equals(request.getRequestId())) {
                RetrievalResult result = before.digest().equals(head.ask().digest())
                        ? before.result()
                        : decision.refused(Code.REQUEST_ID_REUSED.violation(
                                        "request_id",
                                        "request id '%s' was already used for another request"
                                                .formatted(request.getRequestId())))
                                .answer();
                store.put(id, entry.withoutHead());
                sinks.answer(id, result, SavedHeader.restored(head.headers()));
                return true;
            }
        }
        Optional<Violation> violation = rules.violation(head.ask(), entry.record());
        if (violation.isPresent()) {
            finish(id, entry, head, decision.refused(violation.get()));
            return true;
        }
        return switch (request.getAction()) {
            case CANCEL -> finished(id, entry, head, decision.cancelled());
            case RUN -> finished(id, entry, head, decision.ran());
            case SUSPEND -> finished(id, entry, head, decision.suspended());
            case RESUME -> finished(id, entry, head, decision.resumed());
            case CREATE -> {
                Spine spine = spineOf(request);
                yield spine.getRows().isEmpty() && finished(id, entry, head, decision.created(spine));
            }
            case UNKNOWN -> throw new IllegalStateException("StandingRules rejects this action");
        };
    }

    /// @return false if the pool is full
    private boolean storeSpine(String id, StandingEntry entry, PendingRequest head) {
        StandingRequest request = head.ask().request();
        PendingRequest attempted = head.attempted();
        boolean isBegun = spines.begin(id, request.getRequestId(), attempted.attempt(), spineOf(request));
        if (isBegun) {
            store.put(id, entry.withHead(attempted));
        } else {
            due.add(id, context.currentSystemTimeMs() + settings.tick().toMillis());
        }
        return isBegun;
    }

    private void apply(Written written) {
        String id = written.standingId();
        StandingEntry entry = StandingEntry.in(store, id);
        PendingRequest head = entry.head();
        if (head == null
                || head.attempt() != written.attempt()
                || !head.ask().request().getRequestId().equals(written.requestId())) {
            return;
        }
        StandingDecision decision = decision(head.ask(), entry.record());
        switch (written.outcome()) {
            case Outcome.Stored stored -> finish(id, entry, head, decision.created(stored.spine()));
            case Outcome.Refused refused ->
                finish(id, entry, head, decision.refused(spineViolation(refused.code(), refused.reason())));
            case Outcome.Away away -> {
                long now = context.currentSystemTimeMs();
                long deadline =
                        head.acceptedAtMillis() + settings.validationDeadline().toMillis();
                if (now < deadline) {
                    due.add(id, Math.min(now + pauseMillis(head), deadline));
                    return;
                }
                finish(id, entry, head, decision.refused(spineViolation(Code.STORAGE_UNAVAILABLE, away.reason())));
            }
        }
        advance(id);
    }

    private boolean finished(String id, StandingEntry entry, PendingRequest head, Decision decision) {
        finish(id, entry, head, decision);
        return true;
    }

    /// Applies the decision about the head and answers it.
    private void finish(String id, StandingEntry entry, PendingRequest head, Decision decision) {
        StandingRetrieval written = decision.written();
        StandingEntry after = written == null
                ? entry
                : isDefinition(head) ? runs.redefined(id, entry, written) : entry.withRecord(written);
        Answered answered =
                new Answered(head.ask().request().getRequestId(), head.ask().digest(), decision.answer());
        after = after.withoutHead().withAnswer(answered);
        store.put(id, after);
        sinks.answer(id, decision.answer(), SavedHeader.restored(head.headers()));
        if (written != null) {
            runs.settle(id, after, entry.record());
        }
    }

    /// Whether the request changes what is run, so that what runs now no longer counts.
    private static boolean isDefinition(PendingRequest head) {
        StandingAction action = head.ask().request().getAction();
        return action == StandingAction.CREATE || action == StandingAction.CANCEL;
    }

    private StandingDecision decision(StandingCommand.Ask ask, @Nullable StandingRetrieval current) {
        return new StandingDecision(ask, current, Instant.ofEpochMilli(context.currentSystemTimeMs()));
    }

    private long pauseMillis(PendingRequest head) {
        return new Backoff(settings.retryBackoff(), settings.retryBackoffMax()).pauseMillis(head.attempt());
    }

    private static Spine spineOf(StandingRequest request) {
        return Objects.requireNonNull(request.getRetrieval()).getSpine();
    }

    private static Violation spineViolation(Code code, String reason) {
        return code.violation("retrieval.spine", reason);
    }
}
