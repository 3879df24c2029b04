package dev.firn.registration.view;

import dev.firn.config.FirnConfig;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.Violation;
import dev.firn.registration.async.DueTimes;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.state.SavedHeader;
import dev.firn.registration.validation.RequestRules;
import dev.firn.registration.validation.Verdict;
import dev.firn.registration.view.PendingRegistrations.Head;
import dev.firn.registration.view.RegistrationDecision.Decision;
import dev.firn.schemas.Code;
import dev.firn.schemas.FirnHeaders;
import dev.firn.service.Backoff;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes registrations from acceptance to answer, in order per view.
///
/// An accepted registration is stored under (view, sequence). Only the head of a view is ever in flight, so a view's
/// answers come in the order of its requests. Heads of different views are validated side by side. A tick applies a
/// verdict on the stream thread, in the transaction that also removes the request from the store. So each request is
/// answered once, even after a crash: what was in flight is still stored, and the next incarnation starts it
/// again.
final class RegistrationQueue {
    private static final Logger LOG = LoggerFactory.getLogger(RegistrationQueue.class);

    private final FirnConfig.Registration settings;
    private final ProcessorContext<String, Object> context;
    private final KeyValueStore<String, ViewEntry> views;
    private final PendingRegistrations pending;
    private final AnsweredRegistrations answered;
    private final Validations validations;
    private final ViewRecords records;
    private final RegistryMeters meters;
    private final DueTimes due = new DueTimes();

    RegistrationQueue(
            FirnConfig.Registration settings,
            ProcessorContext<String, Object> context,
            AnsweredRegistrations answered,
            Validations validations,
            ViewRecords records,
            RegistryMeters meters) {
        this.settings = settings;
        this.context = context;
        this.views = context.getStateStore(NodeNames.VIEWS_STORE);
        this.pending = new PendingRegistrations(context.getStateStore(NodeNames.PENDING_STORE));
        this.answered = answered;
        this.validations = validations;
        this.records = records;
        this.meters = meters;
        pending.views().forEach(view -> due.add(view, 0));
    }

    void accept(String view, ViewCommand.Register register, Headers headers) {
        RegistrationRequest request = register.request();
        ViewEntry entry = ViewEntry.in(views, view);
        if (!RequestRules.isAddressable(request)) {
            // the name or id cannot be a key in the store, so nothing is stored
            var decision = decision(register, null).rejected(RequestRules.violations(request));
            answer(view, decision.result(), headers);
            return;
        }
        if (pending.count() >= settings.maxPending()
                || pending.count(view) >= settings.maxPendingPerView()
                || pending.bytes() >= settings.maxPendingBytes()) {
            refuse(view, register, entry, headers);
            return;
        }
        long now = context.currentSystemTimeMs();
        pending.add(
                view, entry.nextSequence(), new PendingRegistration(register, SavedHeader.of(headers), now, 0, now));
        views.put(view, entry.withSequenceTaken());
        advance(view);
    }

    /// Registrations that wait for their answer.
    int waiting() {
        return pending.count();
    }

    /// Whether a registration of the view waits.
    boolean waits(String view) {
        return pending.count(view) > 0;
    }

    /// Rejects only new requests; resends keep their answer.
    private void refuse(String view, ViewCommand.Register register, ViewEntry entry, Headers headers) {
        String id = register.request().getRequestId();
        AnsweredRequest before = answered.find(view, id);
        if (before != null && before.digest().equals(register.digest())) {
            answer(view, before.result(), headers);
        } else if (!pending.contains(view, id, register.digest())) {
            var decision = decision(register, entry.record())
                    .failed(Code.OVERLOADED, "too many registrations are waiting; send it again later");
            answer(view, decision.result(), headers);
        }
    }

    void tick(long now) {
        validations.drain(now, this::apply);
        for (String view = due.take(now); view != null; view = due.take(now)) {
            if (!advance(view)) {
                return;
            }
        }
    }

    /// Answers the view's heads until one needs a validation.
    ///
    /// @return false if the pool is full
    private boolean advance(String view) {
        while (!validations.isInFlight(view)) {
            Head head = pending.head(view);
            if (head == null) {
                return true;
            }
            long now = context.currentSystemTimeMs();
            if (head.registration().dueAtMillis() > now) {
                due.add(view, head.registration().dueAtMillis());
                return true;
            }
            if (!answerWithoutValidation(view, head) && !validate(view, head, now)) {
                due.add(view, now + settings.tick().toMillis());
                return false;
            }
        }
        return true;
    }

    private boolean answerWithoutValidation(String view, Head head) {
        ViewCommand.Register register = head.registration().command();
        RegistrationRequest request = register.request();
        RegistrationDecision decision = decision(view, head);
        AnsweredRequest before = answered.find(view, request.getRequestId());
        if (before != null) {
            RegistrationResult result = before.digest().equals(register.digest())
                    ? before.result()
                    : decision.rejected(List.of(Code.REQUEST_ID_REUSED.violation(
                                    "request_id",
                                    "request id '%s' was already used for another request"
                                            .formatted(request.getRequestId()))))
                            .result();
            pending.remove(view, head.sequence());
            answer(view, result, SavedHeader.restored(head.registration().headers()));
            return true;
        }
        String recordKey = register.recordKey();
        if (recordKey != null && !recordKey.equals(request.getName())) {
            finish(
                    view,
                    head,
                    decision.rejected(List.of(Code.KEY_MISMATCH.violation(
                            "name",
                            "the record's key is '%s', the view's name is '%s'"
                                    .formatted(recordKey, request.getName())))));
            return true;
        }
        return switch (request.getAction()) {
            case REGISTER -> false;
            case DROP -> {
                finish(view, head, decision.dropped());
                yield true;
            }
            case UNKNOWN -> {
                finish(
                        view,
                        head,
                        decision.rejected(List.of(
                                Code.UNKNOWN_ACTION.violation("action", "the action must be REGISTER or DROP"))));
                yield true;
            }
        };
    }

    private boolean validate(String view, Head head, long now) {
        PendingRegistration attempted = head.registration().attempted();
        RegistrationRequest request = attempted.command().request();
        if (!validations.begin(view, head.sequence(), attempted.attempt(), request, now)) {
            return false;
        }
        pending.replace(view, head.sequence(), attempted);
        return true;
    }

    private void apply(Validations.Answer found) {
        String view = found.view();
        Head head = pending.head(view);
        if (head == null || head.sequence() != found.sequence()) {
            return;
        }
        RegistrationDecision decision = decision(view, head);
        switch (found.verdict()) {
            case Verdict.Accepted accepted -> finish(view, head, accepted(decision, accepted));
            case Verdict.Rejected rejected -> finish(view, head, decision.rejected(rejected.violations()));
            case Verdict.RetryLater later -> retry(view, head, later, decision);
        }
        advance(view);
    }

    private Decision accepted(RegistrationDecision decision, Verdict.Accepted verdict) {
        if (decision.addsAView() && records.count() >= settings.maxViews()) {
            return decision.rejected(List.of(Code.TOO_MANY_VIEWS.violation(
                    "name",
                    "its partition has %d views, which is the limit (firn.registration.max-views)"
                            .formatted(records.count()))));
        }
        return decision.accepted(verdict);
    }

    private void retry(String view, Head head, Verdict.RetryLater later, RegistrationDecision decision) {
        PendingRegistration registration = head.registration();
        long now = context.currentSystemTimeMs();
        long deadline =
                registration.acceptedAtMillis() + settings.validationDeadline().toMillis();
        if (now >= deadline) {
            finish(view, head, decision.failed(Code.VALIDATION_UNAVAILABLE, later.reason()));
            return;
        }
        long pause =
                new Backoff(settings.retryBackoff(), settings.retryBackoffMax()).pauseMillis(registration.attempt());
        LOG.atWarn()
                .addKeyValue("requestId", registration.command().request().getRequestId())
                .addKeyValue("featureView", view)
                .addKeyValue("attempt", registration.attempt())
                .addKeyValue("reason", later.reason())
                .log("validation to be retried");
        pending.replace(view, head.sequence(), registration.dueAt(Math.min(now + pause, deadline)));
    }

    /// Applies the decision about the head and answers it.
    private void finish(String view, Head head, Decision decision) {
        Headers headers = SavedHeader.restored(head.registration().headers());
        if (decision.written() != null) {
            records.write(view, decision.written(), headers);
        }
        ViewCommand.Register command = head.registration().command();
        views.put(view, answered.remember(view, ViewEntry.in(views, view), command, decision.result()));
        pending.remove(view, head.sequence());
        answer(view, decision.result(), headers);
    }

    private void answer(String view, RegistrationResult result, Headers headers) {
        FirnHeaders.set(headers, FirnHeaders.REQUEST_ID, result.getRequestId());
        context.forward(
                new Record<>(view, result, context.currentSystemTimeMs(), headers),
                NodeNames.REGISTRATION_RESULTS_SINK);
        context.commit();
        meters.answered(
                result.getStatus(), result.getViolations().stream().findFirst().map(Violation::getCode));
        LOG.atInfo()
                .addKeyValue("requestId", result.getRequestId())
                .addKeyValue("featureView", view)
                .addKeyValue("status", result.getStatus())
                .log("registration answered");
    }

    private RegistrationDecision decision(String view, Head head) {
        return decision(head.registration().command(), ViewEntry.in(views, view).record());
    }

    private RegistrationDecision decision(ViewCommand.Register register, @Nullable FeatureView current) {
        return new RegistrationDecision(
                register.request(), register.digest(), current, Instant.ofEpochMilli(context.currentSystemTimeMs()));
    }
}
