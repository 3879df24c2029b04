package dev.firn.registration.standing;

import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.Violation;
import dev.firn.registration.command.StandingCommand;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.standing.StandingEntry.SubscribedView;
import dev.firn.registration.state.NodeNames;
import dev.firn.service.event.EventSize;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Issues the runs of standing retrievals.
///
/// A run is due when the definition is new, or when the content, version or status of a view differs. At most one
/// run is outstanding. Changes in the meantime set one dirty bit, and the next run follows the answer. A run
/// without an answer is issued again, word for word, so that a worker that has its result announces it again.
/// Nothing runs while a view is broken or dropped.
final class StandingRuns {
    private static final Logger LOG = LoggerFactory.getLogger(StandingRuns.class);

    private final Duration timeout;
    private final ProcessorContext<String, Object> context;
    private final KeyValueStore<String, StandingEntry> store;
    private final StandingSinks sinks;
    private final Map<String, Long> issuedAtMillis = new HashMap<>();

    /// @param timeout after which a run without an answer is issued again
    StandingRuns(Duration timeout, ProcessorContext<String, Object> context, StandingSinks sinks) {
        this.timeout = timeout;
        this.context = context;
        this.store = context.getStateStore(NodeNames.STANDING_STORE);
        this.sinks = sinks;
    }

    /// Continues what an earlier incarnation left.
    void resume(String id, StandingEntry entry) {
        StandingRetrieval record = entry.record();
        Instant since = record == null ? null : record.getOutstandingSince();
        if (entry.outstanding() != null && since != null) {
            issuedAtMillis.put(id, since.toEpochMilli());
        }
    }

    void tick(long now) {
        List<String> late = issuedAtMillis.entrySet().stream()
                .filter(issued -> now - issued.getValue() >= timeout.toMillis())
                .map(Map.Entry::getKey)
                .toList();
        late.forEach(this::reissue);
    }

    // -- changes ----------------------------------------------------------------------------------------------

    /// The entry with a changed or cancelled definition. It is subscribed to the views of this definition only, and no
    /// longer waits for a run of the previous one. Call [#settle] with it.
    StandingEntry redefined(String id, StandingEntry entry, StandingRetrieval record) {
        issuedAtMillis.remove(id);
        Set<String> names =
                record.getStatus() == StandingStatus.CANCELLED ? Set.of() : StandingRun.views(record.getRetrieval());
        entry.views().keySet().stream()
                .filter(view -> !names.contains(view))
                .forEach(view -> sinks.tellView(view, new ViewCommand.Unsubscribe(id)));
        names.stream()
                .filter(view -> !entry.views().containsKey(view))
                .forEach(view -> sinks.tellView(view, new ViewCommand.Subscribe(id)));
        Map<String, SubscribedView> views = new TreeMap<>();
        names.forEach(view -> views.put(view, entry.views().getOrDefault(view, SubscribedView.NOT_REPORTED)));
        return entry.withRecord(record).withViews(views).withOutstanding(null);
    }

    void viewChanged(String id, StandingCommand.ViewChanged changed) {
        StandingEntry entry = StandingEntry.in(store, id);
        SubscribedView before = entry.views().get(changed.view());
        StandingRetrieval record = entry.record();
        if (before == null || record == null) {
            return;
        }
        StandingEntry after = entry.withView(changed.view(), changed.record());
        after.viewsThatFitAgain().forEach(view -> sinks.tellView(view, new ViewCommand.Subscribe(id)));
        if (StandingRun.isDueAfter(before, changed.record()) && !record.getDirty()) {
            after = after.withRecord(StandingRetrieval.newBuilder(record)
                    .setDirty(true)
                    .setUpdatedAt(now())
                    .build());
        }
        settle(id, after, record);
    }

    void answered(String id, RetrievalResult result) {
        StandingEntry entry = StandingEntry.in(store, id);
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

    // -- consequences ----------------------------------------------------------------------------------------------

    /// Suspends, resumes or runs, as the views allow. Stores the entry, and publishes its record if it differs.
    void settle(String id, StandingEntry entry, @Nullable StandingRetrieval published) {
        StandingEntry settled = entry;
        StandingRetrieval record = Objects.requireNonNull(entry.record());
        if (record.getStatus() != StandingStatus.CANCELLED && entry.knowsAllViews()) {
            List<Violation> blockers = StandingRules.blockers(entry.views());
            RetrievalRequest run = StandingRun.next(record, entry.views(), now());
            if (blockers.isEmpty()) {
                blockers = StandingRules.tooLargeToRun(run);
            }
            if (!blockers.isEmpty()) {
                settled = suspended(id, entry, record, blockers);
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
            sinks.publish(id, now);
        }
        context.commit();
    }

    private StandingEntry suspended(String id, StandingEntry entry, StandingRetrieval record, List<Violation> reasons) {
        if (record.getStatus() != StandingStatus.SUSPENDED) {
            String message = "Standing retrieval '%s' is suspended: %s"
                    .formatted(id, reasons.getFirst().getMessage());
            announce(id, record, RetrievalStatus.SUSPENDED, message, reasons);
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
        announce(id, record, RetrievalStatus.RESUMED, "Standing retrieval '%s' is resumed".formatted(id), List.of());
        return entry.withRecord(StandingRetrieval.newBuilder(record)
                .setStatus(StandingStatus.ACTIVE)
                .setReasons(List.of())
                .setDirty(true)
                .setUpdatedAt(now())
                .build());
    }

    private void announce(
            String id, StandingRetrieval record, RetrievalStatus status, String message, List<Violation> reasons) {
        RetrievalResult result = RetrievalResult.newBuilder()
                .setRequestId(record.getRequestId())
                .setRequestDigest("")
                .setStatus(status)
                .setMessage(message)
                .setViolations(reasons)
                .setStandingId(id)
                .setCompletedAt(now())
                .build();
        sinks.answer(id, result, new RecordHeaders());
    }

    private StandingEntry issued(String id, StandingEntry entry, StandingRetrieval record, RetrievalRequest run) {
        issue(id, run);
        return entry.withOutstanding(run)
                .withRecord(StandingRetrieval.newBuilder(record)
                        .setOutstandingRunId(run.getRequestId())
                        .setOutstandingSince(now())
                        .setDirty(false)
                        .setRuns(record.getRuns() + 1)
                        .setUpdatedAt(now())
                        .build());
    }

    private void reissue(String id) {
        StandingEntry entry = StandingEntry.in(store, id);
        StandingRetrieval record = entry.record();
        RetrievalRequest run = entry.outstanding();
        if (record == null || run == null) {
            issuedAtMillis.remove(id);
            return;
        }
        issue(id, run);
        StandingRetrieval reissued = StandingRetrieval.newBuilder(record)
                .setOutstandingSince(now())
                .setUpdatedAt(now())
                .build();
        store.put(id, entry.withRecord(reissued));
        sinks.publish(id, reissued);
        context.commit();
    }

    private void issue(String id, RetrievalRequest run) {
        sinks.issue(id, run);
        issuedAtMillis.put(id, context.currentSystemTimeMs());
        LOG.atInfo()
                .addKeyValue("standingId", id)
                .addKeyValue("requestId", run.getRequestId())
                .log("run issued");
    }

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }
}
