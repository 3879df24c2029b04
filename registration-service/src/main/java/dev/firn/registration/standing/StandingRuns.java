package dev.firn.registration.standing;

import dev.firn.config.FirnConfig;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.events.SuspendedBy;
import dev.firn.events.Violation;
import dev.firn.registration.command.StandingCommand;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.standing.FollowedTable.TableRef;
import dev.firn.registration.standing.StandingEntry.SubscribedView;
import dev.firn.registration.state.NodeNames;
import dev.firn.service.Backoff;
import dev.firn.service.event.EventSize;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// Issues the runs of standing retrievals.
///
/// A run is due when the definition is new, or when something that it reads moves ([StandingInputs]). At most one
/// run is outstanding. Changes in the meantime set one dirty bit, and the next run follows the answer. A run
/// without an answer is issued again, word for word, so that a worker that has its result announces it again.
///
/// A run that failed, or did not reach its target table, is followed by another after a pause, unless the request is
/// at fault. Nothing runs while a view is broken or dropped, nor after a fault of the request or a cancelled run, until
/// something changes.
final class StandingRuns {
    private static final double MAX_JITTER = 0.2;

    private final Backoff retryPauses;
    private final ProcessorContext<String, Object> context;
    private final KeyValueStore<String, StandingEntry> store;
    private final StandingSinks sinks;
    private final StandingSubscriptions subscriptions;
    private final RandomGenerator random;
    private final RunLog log;
    private final DueRuns due;

    StandingRuns(
            FirnConfig.Refresh settings,
            ProcessorContext<String, Object> context,
            StandingSinks sinks,
            RandomGenerator random,
            RegistryMeters meters) {
        this.random = random;
        this.log = new RunLog(meters);
        this.due = new DueRuns(settings.runTimeout(), settings.watchersPerStep());
        this.retryPauses = new Backoff(settings.runRetryBackoff(), settings.runRetryBackoffMax());
        this.context = context;
        this.store = context.getStateStore(NodeNames.STANDING_STORE);
        this.sinks = sinks;
        this.subscriptions = new StandingSubscriptions(sinks);
    }

    /// Continues what an earlier incarnation left.
    void resume(String id, StandingEntry entry) {
        StandingRetrieval record = entry.record();
        if (record == null) {
            return;
        }
        Instant since = record.getOutstandingSince();
        if (entry.outstanding() != null && since != null) {
            due.issued(id, since.toEpochMilli());
        }
        due.retry(id, record.getRetryAt());
        if (subscriptions.isToFollow(entry)) {
            due.follow(id);
        }
    }

    void tick(long now) {
        due.tick(now, new DueRuns.Actions(this::follow, this::reissue, id -> retry(id, now)));
    }

    // -- changes ----------------------------------------------------------------------------------------------

    /// The entry with a changed or cancelled definition. It is subscribed to the views and tables of this definition
    /// only, and no longer waits for a run of the previous one. Call [#settle] with it.
    StandingEntry redefined(String id, StandingEntry entry, StandingRetrieval record) {
        due.ended(id);
        StandingEntry subscribed = subscriptions.toViews(id, entry.withRecord(record));
        return subscriptions.toTables(id, subscribed).withOutstanding(null);
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
        after = subscriptions.toTables(id, after);
        boolean isDue = new StandingInputs(record.getRetrieval()).isDueAfter(changed.view(), before, changed.record());
        settle(id, isDue ? dirty(after, record) : after, record);
    }

    void tableMoved(String id, StandingCommand.TableMoved moved) {
        StandingEntry entry = StandingEntry.in(store, id);
        TableRef at = new TableRef(moved.table(), moved.ref());
        FollowedTable before = entry.table(at).orElse(null);
        StandingRetrieval record = entry.record();
        if (before == null || record == null) {
            return;
        }
        FollowedTable now = new FollowedTable(at, true, moved.state(), moved.metadataLocation());
        boolean isSpine = new StandingInputs(record.getRetrieval()).spine().equals(Optional.of(at));
        StandingEntry after = entry.withTable(now);
        settle(id, now.hasMovedSince(before, isSpine) ? dirty(after, record) : after, record);
    }

    /// Follows the tables that an older version did not, which may have missed commits to them.
    private void follow(String id) {
        StandingEntry entry = StandingEntry.in(store, id);
        StandingRetrieval record = entry.record();
        if (record != null) {
            settle(id, dirty(subscriptions.toTables(id, entry), record), record);
        }
    }

    private StandingEntry dirty(StandingEntry entry, StandingRetrieval record) {
        return record.getDirty()
                ? entry
                : entry.withRecord(StandingRetrieval.newBuilder(record)
                        .setDirty(true)
                        .setUpdatedAt(now())
                        .build());
    }

    void answered(String id, RetrievalResult result) {
        StandingEntry entry = StandingEntry.in(store, id);
        StandingRetrieval record = entry.record();
        RetrievalRequest run = entry.outstanding();
        if (record == null || run == null || !StandingRun.isAnsweredBy(run, result)) {
            return;
        }
        due.ended(id);
        StandingRetrieval closed = RunAnswer.closed(record, run, result, this::retryPause, now());
        log.answered(id, closed);
        due.retry(id, closed.getRetryAt());
        StandingEntry after = entry.withRecord(closed).withOutstanding(null);
        if (RunAnswer.isRefused(after) && !Suspension.isByOperator(closed)) {
            after = suspended(id, after, SuspendedBy.REQUEST, RunAnswer.reasons(result));
        }
        settle(id, after, record);
    }

    // -- consequences ----------------------------------------------------------------------------------------------

    /// Suspends, resumes or runs, as the views allow. Stores the entry, and publishes its record if it differs.
    void settle(String id, StandingEntry entry, @Nullable StandingRetrieval published) {
        StandingEntry settled = entry;
        StandingRetrieval record = Objects.requireNonNull(entry.record());
        if (mayRun(record) && entry.knowsAllInputs() && !RunAnswer.isRefused(entry)) {
            List<Violation> blockers = StandingRules.blockers(record.getRetrieval(), entry.views());
            RetrievalRequest run = StandingRun.next(record, entry, now());
            if (blockers.isEmpty()) {
                blockers = StandingRules.tooLargeToRun(run);
            }
            if (!blockers.isEmpty()) {
                settled = suspended(id, entry, SuspendedBy.VIEW, blockers);
            } else {
                settled = resumed(id, entry, record);
                record = Objects.requireNonNull(settled.record());
                boolean isRetryDue = RunAnswer.isRetryDue(record, now());
                if ((record.getDirty() || isRetryDue) && settled.outstanding() == null) {
                    if (isRetryDue) {
                        log.retried();
                    }
                    settled = issued(id, settled, record, run);
                }
            }
        }
        StandingRetrieval now = EventSize.fitted(Objects.requireNonNull(settled.record()));
        store.put(id, settled.withRecord(now));
        if (!now.equals(published)) {
            sinks.publish(id, now);
        }
    }

    /// A cancelled one never runs again, and one that an operator has suspended not until it is resumed.
    private static boolean mayRun(StandingRetrieval record) {
        return record.getStatus() != StandingStatus.CANCELLED && !Suspension.isByOperator(record);
    }

    private StandingEntry suspended(String id, StandingEntry entry, SuspendedBy by, List<Violation> reasons) {
        StandingRetrieval record = Objects.requireNonNull(entry.record());
        if (record.getStatus() != StandingStatus.SUSPENDED) {
            String message = "Standing retrieval '%s' is suspended: %s"
                    .formatted(id, reasons.getFirst().getMessage());
            sinks.announce(record, RetrievalStatus.SUSPENDED, message, reasons);
        }
        return entry.withRecord(
                Suspension.suspended(record, by, reasons).setUpdatedAt(now()).build());
    }

    private StandingEntry resumed(String id, StandingEntry entry, StandingRetrieval record) {
        if (record.getStatus() != StandingStatus.SUSPENDED) {
            return entry;
        }
        sinks.announce(record, RetrievalStatus.RESUMED, "Standing retrieval '%s' is resumed".formatted(id), List.of());
        return entry.withRecord(
                Suspension.active(record).setDirty(true).setUpdatedAt(now()).build());
    }

    private StandingEntry issued(String id, StandingEntry entry, StandingRetrieval record, RetrievalRequest run) {
        issue(id, run);
        return entry.withOutstanding(run)
                .withRecord(StandingRetrieval.newBuilder(record)
                        .setOutstandingRunId(run.getRequestId())
                        .setOutstandingSince(now())
                        .setDirty(false)
                        .setFailedRuns(record.getDirty() ? 0 : record.getFailedRuns())
                        .setRetryAt(null)
                        .setRuns(record.getRuns() + 1)
                        .setUpdatedAt(now())
                        .build());
    }

    /// Longer at random, so that the retrievals that one outage has failed do not all run at the same moment.
    private Duration retryPause(int failedRuns) {
        Duration pause = retryPauses.pause(failedRuns);
        return pause.plusMillis(Math.round(pause.toMillis() * MAX_JITTER * random.nextDouble()));
    }

    private void retry(String id, long tickMillis) {
        StandingEntry entry = StandingEntry.in(store, id);
        StandingRetrieval record = entry.record();
        if (record == null || !RunAnswer.isRetryDue(record, Instant.ofEpochMilli(tickMillis))) {
            return; // no retry waits any more, or it is a later one, which has a due time of its own
        }
        if (RunAnswer.isRetryDue(record, now())) {
            settle(id, entry, record);
        } else {
            due.retry(id, Instant.ofEpochMilli(tickMillis + 1)); // the clock was set back within this tick
        }
    }

    private void reissue(String id) {
        StandingEntry entry = StandingEntry.in(store, id);
        StandingRetrieval record = entry.record();
        RetrievalRequest run = entry.outstanding();
        if (record == null || run == null) {
            due.ended(id);
            return;
        }
        issue(id, run);
        log.retried();
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
        due.issued(id, context.currentSystemTimeMs());
        log.issued(id, run);
    }

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }
}
