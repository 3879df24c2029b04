package dev.firn.registration;

import dev.firn.config.FirnConfig;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.ViewStatus;
import dev.firn.registration.RegistrationDecision.Decision;
import dev.firn.registration.validation.Findings;
import dev.firn.registration.validation.RequestRules;
import dev.firn.registration.validation.Verdict;
import dev.firn.registration.validation.ViewValidator;
import dev.firn.schemas.FirnHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one writer of a view: its record, the answers to its registrations, and what its table and its standing
/// retrievals are told.
///
/// A registration is stored under (view, sequence) when it is accepted. Only the head of a view is ever in flight, so
/// answers of a view come in the order of its requests; heads of different views are validated side by side on
/// `pool`. A verdict comes back through a mailbox that belongs to this incarnation and counts only for the sequence
/// and attempt it was asked for; a wall-clock tick applies it, on the stream thread, in the transaction that also
/// takes the request off the store. So a request is answered once, whatever crashes in between: what was in flight is
/// still stored, and `init` begins it again.
final class ViewProcessor implements Processor<String, ViewCommand, String, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(ViewProcessor.class);
    private static final Duration TOMBSTONE_CHECK = Duration.ofHours(1);

    private final FirnConfig.Registration settings;
    private final Duration attemptLimit;
    private final ViewValidator validator;
    private final Executor pool;

    private @Nullable Incarnation incarnation;

    /// @param pool where validations run; may refuse, then they are begun at a later tick
    /// @param attemptLimit after which a validation without a verdict is given up and tried again
    ViewProcessor(FirnConfig.Registration settings, Duration attemptLimit, ViewValidator validator, Executor pool) {
        this.settings = settings;
        this.attemptLimit = attemptLimit;
        this.validator = validator;
        this.pool = pool;
    }

    @Override
    public void init(ProcessorContext<String, Object> context) {
        incarnation = new Incarnation(context);
    }

    @Override
    public void process(Record<String, ViewCommand> command) {
        live().process(command);
    }

    @Override
    public void close() {
        if (incarnation != null) {
            incarnation.mailbox.close();
        }
    }

    private Incarnation live() {
        if (incarnation == null) {
            throw new IllegalStateException("not initialised");
        }
        return incarnation;
    }

    private record Flight(long sequence, int attempt, long begunAtMillis) {}

    private record Delivered(String view, long sequence, int attempt, Verdict verdict) {}

    private record Due(String view, long atMillis) {}

    /// Everything that lives from one `init` to the next.
    private final class Incarnation {
        private final ProcessorContext<String, Object> context;
        private final KeyValueStore<String, ViewEntry> views;
        private final KeyValueStore<String, AnsweredRequest> answered;
        private final PendingRegistrations pending;
        private final Mailbox<Delivered> mailbox = new Mailbox<>();
        private final Map<String, Flight> flights = new HashMap<>();
        private final Queue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::atMillis));

        private Incarnation(ProcessorContext<String, Object> context) {
            this.context = context;
            this.views = context.getStateStore(RegistryTopology.VIEWS_STORE);
            this.answered = context.getStateStore(RegistryTopology.ANSWERED_STORE);
            this.pending = new PendingRegistrations(context.getStateStore(RegistryTopology.PENDING_STORE));
            pending.views().forEach(view -> due.add(new Due(view, 0)));
            context.schedule(settings.tick(), PunctuationType.WALL_CLOCK_TIME, this::tick);
            context.schedule(TOMBSTONE_CHECK, PunctuationType.WALL_CLOCK_TIME, this::writeTombstones);
        }

        private void process(Record<String, ViewCommand> command) {
            String view = command.key();
            switch (command.value()) {
                case ViewCommand.Register register -> accept(view, register, command.headers());
                case ViewCommand.Refresh refresh -> refresh(view, refresh.look());
                case ViewCommand.Subscribe subscribe -> subscribe(view, subscribe.standingId());
                case ViewCommand.Unsubscribe unsubscribe -> {
                    ViewEntry entry = entry(view);
                    views.put(view, entry.unsubscribed(unsubscribe.standingId()));
                }
            }
        }

        // -- registrations ---------------------------------------------------------------------------------------

        private void accept(String view, ViewCommand.Register register, Headers headers) {
            RegistrationRequest request = register.request();
            ViewEntry entry = entry(view);
            if (!RequestRules.isAddressable(request)) {
                // such a name or id cannot be a key of state; nothing about it is kept
                var decision = decision(register, null).rejected(RequestRules.violations(request));
                answer(view, decision.result(), headers);
                return;
            }
            if (pending.count() >= settings.maxPending() || pending.count(view) >= settings.maxPendingPerView()) {
                var decision = decision(register, entry.record())
                        .failed("OVERLOADED", "too many registrations wait; send it again later");
                answer(view, decision.result(), headers);
                return;
            }
            long now = context.currentSystemTimeMs();
            pending.add(
                    view,
                    entry.nextSequence(),
                    new PendingRegistration(register, SavedHeader.of(headers), now, 0, now));
            views.put(view, entry.withSequenceTaken());
            advance(view);
        }

        private void tick(long now) {
            mailbox.drain(this::apply);
            List<Map.Entry<String, Flight>> lost = flights.entrySet().stream()
                    .filter(flight -> now - flight.getValue().begunAtMillis() > attemptLimit.toMillis())
                    .map(Map.Entry::copyOf)
                    .toList();
            lost.forEach(flight -> apply(new Delivered(
                    flight.getKey(),
                    flight.getValue().sequence(),
                    flight.getValue().attempt(),
                    new Verdict.RetryLater("no verdict within " + attemptLimit))));
            for (Due next = due.peek(); next != null && next.atMillis() <= now; next = due.peek()) {
                due.remove();
                if (!advance(next.view())) {
                    return;
                }
            }
        }

        /// Answers heads of the view until one has to be asked about.
        ///
        /// @return false when the pool takes no more
        private boolean advance(String view) {
            while (!flights.containsKey(view)) {
                PendingRegistrations.Head head = pending.head(view);
                if (head == null) {
                    return true;
                }
                long now = context.currentSystemTimeMs();
                if (head.registration().dueAtMillis() > now) {
                    due.add(new Due(view, head.registration().dueAtMillis()));
                    return true;
                }
                if (!answerWithoutAsking(view, head) && !begin(view, head, now)) {
                    due.add(new Due(view, now + settings.tick().toMillis()));
                    return false;
                }
            }
            return true;
        }

        private boolean answerWithoutAsking(String view, PendingRegistrations.Head head) {
            ViewCommand.Register register = head.registration().command();
            RegistrationRequest request = register.request();
            RegistrationDecision decision = decision(register, entry(view).record());
            AnsweredRequest before = answered.get(answeredKey(view, request.getRequestId()));
            if (before != null) {
                RegistrationResult result = before.digest().equals(register.digest())
                        ? before.result()
                        : decision.rejected(List.of(Findings.of(
                                        "REQUEST_ID_REUSED",
                                        "request_id",
                                        "request id '%s' was used before with another body"
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
                        decision.rejected(List.of(Findings.of(
                                "KEY_MISMATCH",
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
                                    Findings.of("UNKNOWN_ACTION", "action", "this version knows REGISTER and DROP"))));
                    yield true;
                }
            };
        }

        private boolean begin(String view, PendingRegistrations.Head head, long now) {
            PendingRegistration attempted = head.registration().attempted();
            Mailbox<Delivered> letters = mailbox;
            RegistrationRequest request = attempted.command().request();
            try {
                pool.execute(() -> {
                    if (letters.isOpen()) {
                        letters.put(new Delivered(view, head.sequence(), attempted.attempt(), ask(request)));
                    }
                });
            } catch (RejectedExecutionException e) {
                return false;
            }
            pending.replace(view, head.sequence(), attempted);
            flights.put(view, new Flight(head.sequence(), attempted.attempt(), now));
            return true;
        }

        private void apply(Delivered delivered) {
            String view = delivered.view();
            Flight flight = flights.get(view);
            PendingRegistrations.Head head = pending.head(view);
            if (flight == null
                    || head == null
                    || flight.sequence() != delivered.sequence()
                    || flight.attempt() != delivered.attempt()
                    || head.sequence() != delivered.sequence()) {
                return;
            }
            flights.remove(view);
            RegistrationDecision decision =
                    decision(head.registration().command(), entry(view).record());
            switch (delivered.verdict()) {
                case Verdict.Accepted accepted -> finish(view, head, decision.accepted(accepted));
                case Verdict.Rejected rejected -> finish(view, head, decision.rejected(rejected.violations()));
                case Verdict.RetryLater later -> retry(view, head, later, decision);
            }
            advance(view);
        }

        private void retry(
                String view, PendingRegistrations.Head head, Verdict.RetryLater later, RegistrationDecision decision) {
            PendingRegistration registration = head.registration();
            long now = context.currentSystemTimeMs();
            long deadline = registration.acceptedAtMillis()
                    + settings.validationDeadline().toMillis();
            if (now >= deadline) {
                finish(view, head, decision.failed("VALIDATION_UNAVAILABLE", later.reason()));
                return;
            }
            long pause = new Backoff(settings.retryBackoff(), settings.retryBackoffMax())
                    .pauseMillis(registration.attempt());
            LOG.atWarn()
                    .addKeyValue("requestId", registration.command().request().getRequestId())
                    .addKeyValue("featureView", view)
                    .addKeyValue("attempt", registration.attempt())
                    .addKeyValue("reason", later.reason())
                    .log("validation is tried again");
            pending.replace(view, head.sequence(), registration.dueAt(Math.min(now + pause, deadline)));
        }

        private void finish(String view, PendingRegistrations.Head head, Decision decision) {
            Headers headers = SavedHeader.restored(head.registration().headers());
            if (decision.written() != null) {
                write(view, decision.written(), headers);
            }
            remember(view, head.registration().command(), decision.result());
            pending.remove(view, head.sequence());
            answer(view, decision.result(), headers);
        }

        private void remember(String view, ViewCommand.Register command, RegistrationResult result) {
            String requestId = command.request().getRequestId();
            ViewEntry entry = entry(view);
            ViewEntry.AnsweredIds ids = entry.answering(requestId, settings.answeredIdsPerView());
            answered.put(answeredKey(view, requestId), new AnsweredRequest(command.digest(), result));
            ids.forgotten().forEach(id -> answered.delete(answeredKey(view, id)));
            views.put(view, entry.withAnsweredIds(ids.kept()));
        }

        private void answer(String view, RegistrationResult result, Headers headers) {
            FirnHeaders.set(headers, FirnHeaders.REQUEST_ID, result.getRequestId());
            context.forward(
                    new Record<>(view, result, context.currentSystemTimeMs(), headers),
                    RegistryTopology.REGISTRATION_RESULTS_SINK);
            context.commit();
            LOG.atInfo()
                    .addKeyValue("requestId", result.getRequestId())
                    .addKeyValue("featureView", view)
                    .addKeyValue("status", result.getStatus())
                    .log("registration answered");
        }

        // -- the record ------------------------------------------------------------------------------------------

        private void write(String view, FeatureView record, @Nullable Headers headers) {
            ViewEntry entry = entry(view);
            FeatureView before = entry.record();
            views.put(view, entry.withRecord(record));
            long now = context.currentSystemTimeMs();
            context.forward(new Record<>(view, record, now, headers), RegistryTopology.FEATURE_VIEWS_SINK);
            boolean dropped = record.getStatus() == ViewStatus.DROPPED;
            if (before != null && (dropped || !ViewTable.of(before).equals(ViewTable.of(record)))) {
                tellTable(ViewTable.of(before), new TableCommand.Unwatch(view));
            }
            if (!dropped) {
                tellTable(
                        ViewTable.of(record),
                        new TableCommand.Watch(
                                view,
                                record.getSource().getRef(),
                                KnownState.of(record),
                                record.getSource().getMetadataLocation()));
            }
            entry.standing().forEach(id -> tellStanding(id, new StandingCommand.ViewChanged(view, record)));
        }

        private void refresh(String view, TableLook look) {
            FeatureView record = entry(view).record();
            if (record == null
                    || record.getStatus() == ViewStatus.DROPPED
                    || !ViewTable.of(record).equals(look.table())) {
                tellTable(look.table(), new TableCommand.Unwatch(view));
                return;
            }
            Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
            FeatureView moved = ViewRefresh.refreshed(record, look, now);
            if (moved == null) {
                return;
            }
            ViewEntry entry = entry(view);
            views.put(view, entry.withRecord(moved));
            context.forward(
                    new Record<>(view, moved, context.currentSystemTimeMs()), RegistryTopology.FEATURE_VIEWS_SINK);
            entry.standing().forEach(id -> tellStanding(id, new StandingCommand.ViewChanged(view, moved)));
            context.commit();
            LOG.atInfo()
                    .addKeyValue("featureView", view)
                    .addKeyValue("table", look.table())
                    .addKeyValue("snapshotId", moved.getSource().getSnapshotId())
                    .addKeyValue("status", moved.getStatus())
                    .log("view refreshed");
        }

        private void subscribe(String view, String standingId) {
            ViewEntry entry = entry(view);
            views.put(view, entry.subscribed(standingId));
            tellStanding(standingId, new StandingCommand.ViewChanged(view, entry.record()));
            context.commit();
        }

        private void writeTombstones(long now) {
            List<String> expired = new ArrayList<>();
            try (KeyValueIterator<String, ViewEntry> all = views.all()) {
                while (all.hasNext()) {
                    var next = all.next();
                    FeatureView record = next.value.record();
                    if (record != null
                            && record.getStatus() == ViewStatus.DROPPED
                            && now - record.getUpdatedAt().toEpochMilli()
                                    >= settings.tombstoneAfter().toMillis()) {
                        expired.add(next.key);
                    }
                }
            }
            for (String view : expired) {
                ViewEntry entry = entry(view);
                entry.answeredIds().forEach(id -> answered.delete(answeredKey(view, id)));
                views.put(view, entry.withRecord(null).withAnsweredIds(List.of()));
                context.forward(new Record<>(view, null, now), RegistryTopology.FEATURE_VIEWS_SINK);
            }
        }

        private void tellTable(String table, TableCommand command) {
            context.forward(
                    new Record<>(table, command, context.currentSystemTimeMs()), RegistryTopology.VIEWS_TO_TABLES_SINK);
        }

        private void tellStanding(String standingId, StandingCommand command) {
            context.forward(
                    new Record<>(standingId, command, context.currentSystemTimeMs()),
                    RegistryTopology.VIEWS_TO_STANDING_SINK);
        }

        private ViewEntry entry(String view) {
            ViewEntry entry = views.get(view);
            return entry == null ? ViewEntry.NEW : entry;
        }

        private RegistrationDecision decision(ViewCommand.Register register, @Nullable FeatureView current) {
            return new RegistrationDecision(
                    register.request(),
                    register.digest(),
                    current,
                    Instant.ofEpochMilli(context.currentSystemTimeMs()));
        }
    }

    /// Runs on the pool. A fault of ours must not lose the request: it is tried again until its deadline.
    private Verdict ask(RegistrationRequest request) {
        try {
            return validator.validate(request);
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("requestId", request.getRequestId())
                    .addKeyValue("featureView", request.getName())
                    .setCause(e)
                    .log("validation failed");
            return new Verdict.RetryLater(
                    "the validation failed: " + e.getClass().getSimpleName());
        }
    }

    private static String answeredKey(String view, String requestId) {
        return view + "/" + requestId;
    }
}
