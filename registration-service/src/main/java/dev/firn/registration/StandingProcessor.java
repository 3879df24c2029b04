package dev.firn.registration;

import dev.firn.config.FirnConfig;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.Spine;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.Violation;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.LakeRejection;
import dev.firn.registration.StandingEntry.Answered;
import dev.firn.registration.StandingEntry.Heard;
import dev.firn.registration.StandingEntry.Waiting;
import dev.firn.registration.validation.Findings;
import dev.firn.schemas.FirnHeaders;
import dev.firn.schemas.Limits;
import dev.firn.schemas.RequestDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one writer of a standing retrieval: what is kept of it, its runs, and what is said of it.
///
/// A new or changed definition subscribes to its views, hears how they stand, and runs. After that a run is due when a
/// view's content, version or status differs. At most one run is outstanding; what changes meanwhile sets a dirty bit,
/// however often, and the next run follows the answer. A run without an answer is issued again, word for word, so that
/// a worker that has it already announces it again. While a view is broken or dropped nothing runs.
final class StandingProcessor implements Processor<String, StandingCommand, String, Object> {
    private static final Logger LOG = LoggerFactory.getLogger(StandingProcessor.class);
    private static final Duration TOMBSTONE_CHECK = Duration.ofHours(1);

    private final FirnConfig.Registration settings;
    private final FirnConfig.Refresh refresh;
    private final SpineStore spines;
    private final Executor pool;

    private @Nullable Incarnation incarnation;

    /// @param pool where inline spines are written; may refuse, then they are written at a later tick
    StandingProcessor(FirnConfig.Registration settings, FirnConfig.Refresh refresh, SpineStore spines, Executor pool) {
        this.settings = settings;
        this.refresh = refresh;
        this.spines = spines;
        this.pool = pool;
    }

    @Override
    public void init(ProcessorContext<String, Object> context) {
        incarnation = new Incarnation(context);
    }

    @Override
    public void process(Record<String, StandingCommand> command) {
        if (incarnation == null) {
            throw new IllegalStateException("not initialised");
        }
        incarnation.process(command);
    }

    @Override
    public void close() {
        if (incarnation != null) {
            incarnation.mailbox.close();
        }
    }

    private sealed interface Stored {
        record Done(Spine spine) implements Stored {}

        record Refused(String code, String reason) implements Stored {}

        record Away(String reason) implements Stored {}
    }

    private record Delivered(String standingId, String requestId, int attempt, Stored stored) {}

    private record Due(String standingId, long atMillis) {}

    /// Everything that lives from one `init` to the next.
    private final class Incarnation {
        private final ProcessorContext<String, Object> context;
        private final KeyValueStore<String, StandingEntry> store;
        private final Mailbox<Delivered> mailbox = new Mailbox<>();
        private final Set<String> writing = new HashSet<>();
        private final Queue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::atMillis));
        private final Map<String, Long> issuedAtMillis = new HashMap<>();

        private Incarnation(ProcessorContext<String, Object> context) {
            this.context = context;
            this.store = context.getStateStore(RegistryTopology.STANDING_STORE);
            try (KeyValueIterator<String, StandingEntry> all = store.all()) {
                while (all.hasNext()) {
                    var next = all.next();
                    if (!next.value.waiting().isEmpty()) {
                        due.add(new Due(next.key, 0));
                    }
                    noteOutstanding(next.key, next.value);
                }
            }
            context.schedule(settings.tick(), PunctuationType.WALL_CLOCK_TIME, this::tick);
            context.schedule(TOMBSTONE_CHECK, PunctuationType.WALL_CLOCK_TIME, this::writeTombstones);
        }

        private void process(Record<String, StandingCommand> command) {
            String id = command.key();
            switch (command.value()) {
                case StandingCommand.Ask ask -> accept(id, ask, command.headers());
                case StandingCommand.ViewChanged changed -> viewChanged(id, changed);
                case StandingCommand.RunAnswered answered -> runAnswered(id, answered.result());
            }
        }

        private void tick(long now) {
            mailbox.drain(this::apply);
            for (Due next = due.peek(); next != null && next.atMillis() <= now; next = due.peek()) {
                due.remove();
                advance(next.standingId());
            }
            List<String> late = issuedAtMillis.entrySet().stream()
                    .filter(issued ->
                            now - issued.getValue() >= refresh.runTimeout().toMillis())
                    .map(Map.Entry::getKey)
                    .toList();
            late.forEach(this::issueAgain);
        }

        // -- what people ask -------------------------------------------------------------------------------------

        private void accept(String id, StandingCommand.Ask ask, Headers headers) {
            Optional<Violation> wrong = StandingRules.unaddressable(ask.request());
            if (wrong.isPresent()) {
                say(id, answer(ask, RetrievalStatus.FAILED, wrong.get()), headers);
                return;
            }
            StandingEntry entry = entry(id);
            if (entry.isFull(ask)) {
                Violation overloaded = Findings.of("OVERLOADED", "", "too many requests wait; send it again later");
                say(id, answer(ask, RetrievalStatus.FAILED, overloaded), headers);
                return;
            }
            List<Waiting> waiting = new ArrayList<>(entry.waiting());
            waiting.add(new Waiting(ask, SavedHeader.of(headers), context.currentSystemTimeMs(), 0));
            store.put(id, entry.withWaiting(waiting));
            advance(id);
        }

        /// Answers what waits, in order, until an inline spine has to be stored.
        private void advance(String id) {
            StandingEntry entry = entry(id);
            while (!writing.contains(id) && !entry.waiting().isEmpty()) {
                Waiting head = entry.waiting().getFirst();
                if (!answerWithoutStoring(id, entry, head)) {
                    beginWrite(id, entry, head);
                    return;
                }
                entry = entry(id);
            }
        }

        private boolean answerWithoutStoring(String id, StandingEntry entry, Waiting head) {
            StandingRequest request = head.ask().request();
            for (Answered before : entry.answered()) {
                if (before.requestId().equals(request.getRequestId())) {
                    RetrievalResult result = before.digest().equals(head.ask().digest())
                            ? before.result()
                            : answer(
                                    head.ask(),
                                    RetrievalStatus.FAILED,
                                    Findings.of(
                                            "REQUEST_ID_REUSED",
                                            "request_id",
                                            "request id '%s' was used before with another body"
                                                    .formatted(request.getRequestId())));
                    store.put(id, withoutHead(entry));
                    say(id, result, SavedHeader.restored(head.headers()));
                    return true;
                }
            }
            Optional<Violation> wrong = StandingRules.violation(head.ask(), entry.record());
            if (wrong.isPresent()) {
                finish(id, entry, head, answer(head.ask(), RetrievalStatus.FAILED, wrong.get()));
                return true;
            }
            return switch (request.getAction()) {
                case CANCEL -> {
                    cancel(id, entry, head);
                    yield true;
                }
                case CREATE -> {
                    Spine spine = Objects.requireNonNull(request.getRetrieval()).getSpine();
                    if (spine.getRows().isEmpty()) {
                        create(id, entry, head, spine);
                        yield true;
                    }
                    yield false;
                }
                case UNKNOWN -> throw new IllegalStateException("the rules refuse it");
            };
        }

        private void create(String id, StandingEntry entry, Waiting head, Spine spine) {
            StandingRequest request = head.ask().request();
            RetrievalRequest retrieval = RetrievalRequest.newBuilder(Objects.requireNonNull(request.getRetrieval()))
                    .setRequestId(id)
                    .setSpine(spine)
                    .setStandingId(id)
                    .setPreviousPins(null)
                    .build();
            StandingRetrieval before = entry.record();
            boolean stands = before != null && before.getStatus() != StandingStatus.CANCELLED;
            if (before != null
                    && stands
                    && RequestDigest.of(before.getRetrieval()).equals(RequestDigest.of(retrieval))) {
                finish(
                        id,
                        entry,
                        head,
                        answer(
                                head.ask(),
                                RetrievalStatus.CREATED,
                                "Standing retrieval '%s' is unchanged at version %d"
                                        .formatted(id, before.getVersion())));
                return;
            }
            StandingRetrieval record = (before == null
                            ? StandingRetrieval.newBuilder()
                            : StandingRetrieval.newBuilder(before))
                    .setStandingId(id)
                    .setVersion(before == null ? 1 : before.getVersion() + 1)
                    .setStatus(StandingStatus.ACTIVE)
                    .setReasons(List.of())
                    .setRetrieval(retrieval)
                    .setRequestId(request.getRequestId())
                    .setOutstandingRunId(null)
                    .setOutstandingSince(null)
                    .setDirty(true)
                    .setUpdatedAt(now())
                    .build();
            issuedAtMillis.remove(id);
            Map<String, Heard> views = new TreeMap<>();
            Set<String> names = StandingRun.views(retrieval);
            names.forEach(view -> views.put(view, entry.views().getOrDefault(view, Heard.NOTHING)));
            entry.views().keySet().stream()
                    .filter(view -> !names.contains(view))
                    .forEach(view -> tellView(view, new ViewCommand.Unsubscribe(id)));
            names.stream()
                    .filter(view -> !entry.views().containsKey(view))
                    .forEach(view -> tellView(view, new ViewCommand.Subscribe(id)));
            StandingEntry created = entry.withRecord(record).withViews(views).withOutstanding(null);
            String message = "Standing retrieval '%s' stands at version %d".formatted(id, record.getVersion());
            finish(id, created, head, answer(head.ask(), RetrievalStatus.CREATED, message));
            settle(id, entry(id), before);
        }

        private void cancel(String id, StandingEntry entry, Waiting head) {
            StandingRetrieval before = Objects.requireNonNull(entry.record());
            StandingRetrieval record = StandingRetrieval.newBuilder(before)
                    .setStatus(StandingStatus.CANCELLED)
                    .setReasons(List.of())
                    .setRequestId(head.ask().request().getRequestId())
                    .setOutstandingRunId(null)
                    .setOutstandingSince(null)
                    .setDirty(false)
                    .setUpdatedAt(now())
                    .build();
            issuedAtMillis.remove(id);
            entry.views().keySet().forEach(view -> tellView(view, new ViewCommand.Unsubscribe(id)));
            StandingEntry cancelled =
                    entry.withRecord(record).withViews(Map.of()).withOutstanding(null);
            finish(
                    id,
                    cancelled,
                    head,
                    answer(
                            head.ask(),
                            RetrievalStatus.CANCELLED,
                            "Standing retrieval '%s' is cancelled".formatted(id)));
            publish(id, record);
        }

        private void finish(String id, StandingEntry entry, Waiting head, RetrievalResult result) {
            Answered answered =
                    new Answered(head.ask().request().getRequestId(), head.ask().digest(), result);
            store.put(id, withoutHead(entry).answering(answered));
            say(id, result, SavedHeader.restored(head.headers()));
        }

        private static StandingEntry withoutHead(StandingEntry entry) {
            return entry.withWaiting(entry.waiting().subList(1, entry.waiting().size()));
        }

        // -- inline spines ---------------------------------------------------------------------------------------

        private void beginWrite(String id, StandingEntry entry, Waiting head) {
            StandingRequest request = head.ask().request();
            Spine inline = Objects.requireNonNull(request.getRetrieval()).getSpine();
            int attempt = head.attempt() + 1;
            Mailbox<Delivered> letters = mailbox;
            try {
                pool.execute(() -> {
                    if (letters.isOpen()) {
                        letters.put(new Delivered(id, request.getRequestId(), attempt, stored(id, inline)));
                    }
                });
            } catch (RejectedExecutionException e) {
                due.add(new Due(
                        id, context.currentSystemTimeMs() + settings.tick().toMillis()));
                return;
            }
            writing.add(id);
            List<Waiting> waiting = new ArrayList<>(entry.waiting());
            waiting.set(0, new Waiting(head.ask(), head.headers(), head.acceptedAtMillis(), attempt));
            store.put(id, entry.withWaiting(waiting));
        }

        private void apply(Delivered delivered) {
            String id = delivered.standingId();
            StandingEntry entry = entry(id);
            Waiting head = entry.waiting().isEmpty() ? null : entry.waiting().getFirst();
            if (head == null
                    || head.attempt() != delivered.attempt()
                    || !head.ask().request().getRequestId().equals(delivered.requestId())) {
                return;
            }
            writing.remove(id);
            switch (delivered.stored()) {
                case Stored.Done done -> create(id, entry, head, done.spine());
                case Stored.Refused refused ->
                    finish(
                            id,
                            entry,
                            head,
                            answer(
                                    head.ask(),
                                    RetrievalStatus.FAILED,
                                    Findings.of(refused.code(), "retrieval.spine", refused.reason())));
                case Stored.Away away -> writeLater(id, entry, head, away);
            }
            if (!(delivered.stored() instanceof Stored.Away)) {
                advance(id);
            }
        }

        private void writeLater(String id, StandingEntry entry, Waiting head, Stored.Away away) {
            long now = context.currentSystemTimeMs();
            long deadline =
                    head.acceptedAtMillis() + settings.validationDeadline().toMillis();
            if (now >= deadline) {
                finish(
                        id,
                        entry,
                        head,
                        answer(
                                head.ask(),
                                RetrievalStatus.FAILED,
                                Findings.of("STORAGE_UNAVAILABLE", "retrieval.spine", away.reason())));
                advance(id);
                return;
            }
            long pause = new Backoff(settings.retryBackoff(), settings.retryBackoffMax()).pauseMillis(head.attempt());
            due.add(new Due(id, Math.min(now + pause, deadline)));
        }

        // -- what views and workers tell -------------------------------------------------------------------------

        private void viewChanged(String id, StandingCommand.ViewChanged changed) {
            StandingEntry entry = entry(id);
            Heard before = entry.views().get(changed.view());
            StandingRetrieval record = entry.record();
            if (before == null || record == null) {
                return;
            }
            boolean news = !before.yet() || !sameForRuns(before.record(), changed.record());
            StandingEntry after = entry.withView(changed.view(), changed.record());
            after.roomFor().forEach(view -> tellView(view, new ViewCommand.Subscribe(id)));
            if (news && !record.getDirty()) {
                after = after.withRecord(StandingRetrieval.newBuilder(record)
                        .setDirty(true)
                        .setUpdatedAt(now())
                        .build());
            }
            settle(id, after, record);
        }

        private static boolean sameForRuns(@Nullable FeatureView before, @Nullable FeatureView after) {
            if (before == null || after == null) {
                return before == null && after == null;
            }
            return before.getVersion() == after.getVersion()
                    && before.getStatus() == after.getStatus()
                    && before.getSource()
                            .getTableUuid()
                            .equals(after.getSource().getTableUuid())
                    && Objects.equals(
                            before.getSource().getContentSnapshotId(),
                            after.getSource().getContentSnapshotId());
        }

        private void runAnswered(String id, RetrievalResult result) {
            StandingEntry entry = entry(id);
            StandingRetrieval record = entry.record();
            RetrievalRequest run = entry.outstanding();
            if (record == null || run == null || !run.getRequestId().equals(result.getRequestId())) {
                return;
            }
            issuedAtMillis.remove(id);
            StandingRetrieval closed = StandingRetrieval.newBuilder(record)
                    .setOutstandingRunId(null)
                    .setOutstandingSince(null)
                    .setLastRunId(run.getRequestId())
                    .setLastStatus(result.getStatus())
                    .setLastLocation(result.getLocation() == null ? record.getLastLocation() : result.getLocation())
                    .setLastPins(run.getPins())
                    .setUpdatedAt(now())
                    .build();
            settle(id, entry.withRecord(closed).withOutstanding(null), record);
        }

        // -- runs ------------------------------------------------------------------------------------------------

        /// Suspends, resumes or runs, as the views allow; stores, and publishes the record if it differs.
        private void settle(String id, StandingEntry entry, @Nullable StandingRetrieval published) {
            StandingEntry settled = entry;
            StandingRetrieval record = Objects.requireNonNull(entry.record());
            if (record.getStatus() != StandingStatus.CANCELLED && entry.hasHeardOfAll()) {
                List<Violation> against = StandingRules.reasons(entry.views());
                RetrievalRequest run = next(entry, record);
                if (against.isEmpty()) {
                    against = StandingRules.against(run);
                }
                if (!against.isEmpty()) {
                    settled = suspended(id, entry, record, against);
                } else {
                    settled = resumed(id, entry, record);
                    record = Objects.requireNonNull(settled.record());
                    if (record.getDirty() && settled.outstanding() == null) {
                        settled = issued(id, settled, record, run);
                    }
                }
            }
            StandingRetrieval now = EventSize.fitted(Objects.requireNonNull(settled.record()));
            store.put(id, settled.withRecord(now));
            if (!now.equals(published)) {
                publish(id, now);
            }
            context.commit();
        }

        private StandingEntry suspended(
                String id, StandingEntry entry, StandingRetrieval record, List<Violation> reasons) {
            if (record.getStatus() != StandingStatus.SUSPENDED) {
                String message = "Standing retrieval '%s' is suspended: %s"
                        .formatted(id, reasons.getFirst().getMessage());
                tellOf(id, record, RetrievalStatus.SUSPENDED, message, reasons);
            }
            return entry.withRecord(StandingRetrieval.newBuilder(record)
                    .setStatus(StandingStatus.SUSPENDED)
                    .setReasons(reasons)
                    .setUpdatedAt(now())
                    .build());
        }

        private StandingEntry resumed(String id, StandingEntry entry, StandingRetrieval record) {
            if (record.getStatus() != StandingStatus.SUSPENDED) {
                return entry;
            }
            tellOf(id, record, RetrievalStatus.RESUMED, "Standing retrieval '%s' goes on".formatted(id), List.of());
            return entry.withRecord(StandingRetrieval.newBuilder(record)
                    .setStatus(StandingStatus.ACTIVE)
                    .setReasons(List.of())
                    .setDirty(true)
                    .setUpdatedAt(now())
                    .build());
        }

        private RetrievalRequest next(StandingEntry entry, StandingRetrieval record) {
            Map<String, FeatureView> views = new TreeMap<>();
            entry.views().forEach((view, heard) -> {
                if (heard.record() != null) {
                    views.put(view, heard.record());
                }
            });
            return StandingRun.next(record, views, now());
        }

        private StandingEntry issued(String id, StandingEntry entry, StandingRetrieval record, RetrievalRequest run) {
            send(id, run);
            StandingEntry issued = entry.withOutstanding(run)
                    .withRecord(StandingRetrieval.newBuilder(record)
                            .setOutstandingRunId(run.getRequestId())
                            .setOutstandingSince(now())
                            .setDirty(false)
                            .setRuns(record.getRuns() + 1)
                            .setUpdatedAt(now())
                            .build());
            noteOutstanding(id, issued);
            return issued;
        }

        private void issueAgain(String id) {
            StandingEntry entry = entry(id);
            StandingRetrieval record = entry.record();
            RetrievalRequest run = entry.outstanding();
            if (record == null || run == null) {
                issuedAtMillis.remove(id);
                return;
            }
            send(id, run);
            StandingRetrieval again = StandingRetrieval.newBuilder(record)
                    .setOutstandingSince(now())
                    .setUpdatedAt(now())
                    .build();
            StandingEntry after = entry.withRecord(again);
            store.put(id, after);
            publish(id, again);
            noteOutstanding(id, after);
            context.commit();
        }

        private void noteOutstanding(String id, StandingEntry entry) {
            StandingRetrieval record = entry.record();
            Instant since = record == null ? null : record.getOutstandingSince();
            if (entry.outstanding() != null && since != null) {
                issuedAtMillis.put(id, since.toEpochMilli());
            }
        }

        private void send(String id, RetrievalRequest run) {
            Headers headers = new RecordHeaders();
            FirnHeaders.set(headers, FirnHeaders.REQUEST_ID, run.getRequestId());
            FirnHeaders.set(headers, FirnHeaders.STANDING_ID, id);
            context.forward(
                    new Record<>(id, run, context.currentSystemTimeMs(), headers),
                    RegistryTopology.RETRIEVAL_RUNS_SINK);
            LOG.atInfo()
                    .addKeyValue("standingId", id)
                    .addKeyValue("requestId", run.getRequestId())
                    .log("run issued");
        }

        // -- what is said ----------------------------------------------------------------------------------------

        private void publish(String id, StandingRetrieval record) {
            context.forward(
                    new Record<>(id, record, context.currentSystemTimeMs()), RegistryTopology.STANDING_RETRIEVALS_SINK);
        }

        private void tellView(String view, ViewCommand command) {
            context.forward(
                    new Record<>(view, command, context.currentSystemTimeMs()),
                    RegistryTopology.STANDING_TO_VIEWS_SINK);
        }

        private void tellOf(
                String id, StandingRetrieval record, RetrievalStatus status, String message, List<Violation> reasons) {
            say(
                    id,
                    RetrievalResult.newBuilder()
                            .setRequestId(record.getRequestId())
                            .setRequestDigest("")
                            .setStatus(status)
                            .setMessage(message)
                            .setViolations(reasons)
                            .setStandingId(id)
                            .setCompletedAt(now())
                            .build(),
                    new RecordHeaders());
        }

        private void say(String id, RetrievalResult result, Headers headers) {
            FirnHeaders.set(headers, FirnHeaders.REQUEST_ID, result.getRequestId());
            FirnHeaders.set(headers, FirnHeaders.STANDING_ID, id);
            context.forward(
                    new Record<>(id, result, context.currentSystemTimeMs(), headers),
                    RegistryTopology.STANDING_RESULTS_SINK);
            context.commit();
        }

        private RetrievalResult answer(StandingCommand.Ask ask, RetrievalStatus status, Violation why) {
            Violation said = EventSize.shortened(why);
            return RetrievalResult.newBuilder(answer(ask, status, said.getMessage()))
                    .setCode(said.getCode())
                    .setViolations(List.of(said))
                    .build();
        }

        private RetrievalResult answer(StandingCommand.Ask ask, RetrievalStatus status, String message) {
            return RetrievalResult.newBuilder()
                    .setRequestId(EventSize.cut(ask.request().getRequestId(), Limits.ID_LENGTH))
                    .setRequestDigest(ask.digest())
                    .setStatus(status)
                    .setMessage(message)
                    .setStandingId(EventSize.cut(ask.request().getStandingId(), Limits.ID_LENGTH))
                    .setCompletedAt(now())
                    .build();
        }

        private void writeTombstones(long now) {
            List<String> expired = new ArrayList<>();
            try (KeyValueIterator<String, StandingEntry> all = store.all()) {
                while (all.hasNext()) {
                    var next = all.next();
                    StandingRetrieval record = next.value.record();
                    if (record != null
                            && record.getStatus() == StandingStatus.CANCELLED
                            && next.value.waiting().isEmpty()
                            && now - record.getUpdatedAt().toEpochMilli()
                                    >= settings.tombstoneAfter().toMillis()) {
                        expired.add(next.key);
                    }
                }
            }
            for (String id : expired) {
                store.delete(id);
                context.forward(new Record<>(id, null, now), RegistryTopology.STANDING_RETRIEVALS_SINK);
            }
        }

        private Instant now() {
            return Instant.ofEpochMilli(context.currentSystemTimeMs());
        }

        private StandingEntry entry(String id) {
            StandingEntry entry = store.get(id);
            return entry == null ? StandingEntry.NEW : entry;
        }
    }

    /// Runs on the pool.
    private Stored stored(String standingId, Spine inline) {
        try {
            return new Stored.Done(spines.stored(standingId, inline));
        } catch (LakeRejection e) {
            return new Stored.Refused(e.code(), Objects.requireNonNullElse(e.getMessage(), e.code()));
        } catch (LakeOutage e) {
            return new Stored.Away(Objects.requireNonNullElse(e.getMessage(), e.code()));
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("standingId", standingId).setCause(e).log("spine could not be stored");
            return new Stored.Away(e.getClass().getSimpleName());
        }
    }
}
