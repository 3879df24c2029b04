package dev.firn.registration.view;

import dev.firn.events.FeatureView;
import dev.firn.events.ViewStatus;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableCommand;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.meter.StatusCounts;
import dev.firn.registration.state.NodeNames;
import dev.firn.schemas.FirnHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.apache.iceberg.Schema;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes the records of views and tells everyone who depends on one: the task that watches its table, and the standing
/// retrievals that read it.
///
/// Each record has who asked for its version in the header `firn-principal`, for people: a topic that is
/// compacted keeps the last record of a view only, which most often a refresh wrote.
final class ViewRecords {
    private static final Logger LOG = LoggerFactory.getLogger(ViewRecords.class);

    private final ProcessorContext<String, Object> context;
    private final KeyValueStore<String, ViewEntry> views;
    private final AnsweredRegistrations answered;
    private final StatusCounts<ViewStatus> counts;
    private final ViewSubscribers subscribers;
    private final TableSchemas schemas = new TableSchemas();

    /// Reads the whole store once, to count what an earlier incarnation left there.
    ViewRecords(
            ProcessorContext<String, Object> context,
            AnsweredRegistrations answered,
            StatusCounts<ViewStatus> counts,
            ViewSubscribers subscribers) {
        this.context = context;
        this.subscribers = subscribers;
        this.views = context.getStateStore(NodeNames.VIEWS_STORE);
        this.answered = answered;
        this.counts = counts;
        try (KeyValueIterator<String, ViewEntry> all = views.all()) {
            while (all.hasNext()) {
                var next = all.next();
                subscribers.resume(next.key, next.value);
                if (next.value.record() != null) {
                    counts.set(next.key, next.value.record().getStatus());
                }
            }
        }
    }

    /// Views of this partition, without dropped ones.
    int count() {
        return counts.countWithout(ViewStatus.DROPPED);
    }

    /// @param headers of the request that caused it
    void write(String view, FeatureView record, Headers headers) {
        ViewEntry entry = ViewEntry.in(views, view);
        FeatureView before = entry.record();
        boolean isSameVersion = before != null && before.getVersion() == record.getVersion();
        ViewEntry written = entry.withRecord(record)
                .withPrincipal(
                        isSameVersion
                                ? entry.principal()
                                : FirnHeaders.text(headers, FirnHeaders.PRINCIPAL)
                                        .orElse(null));
        views.put(view, written);
        counts.set(view, record.getStatus());
        forward(view, written, headers);
        boolean dropped = isDropped(record);
        if (before != null
                && !isDropped(before)
                && (dropped || !ViewTable.of(before).equals(ViewTable.of(record)))) {
            tellTable(ViewTable.of(before), new TableCommand.Unwatch(view));
        }
        if (!dropped) {
            tellTable(
                    ViewTable.of(record),
                    new TableCommand.Watch(
                            view,
                            record.getSource().getRef(),
                            KnownState.of(record),
                            record.getSource().getMetadataLocation(),
                            false));
        }
        subscribers.tellAll(view, written);
    }

    /// Updates the record to what a look at its table showed. It is visible at the next commit interval: many views may
    /// follow one commit of their table, and a transaction for each would hold up everything else.
    void refresh(String view, TableLook look) {
        ViewEntry entry = ViewEntry.in(views, view);
        FeatureView record = entry.record();
        if (record == null || isDropped(record) || !ViewTable.of(record).equals(look.table())) {
            tellTable(look.table(), new TableCommand.Unwatch(view));
            return;
        }
        Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
        Schema schema = null;
        if (look instanceof TableLook.Present present
                && !ViewRefresh.isStale(record, look)
                && ViewRefresh.needsSchema(record, present)) {
            schema = schemas.find(present);
            if (schema == null) {
                askForSchema(view, record);
                return;
            }
        }
        FeatureView updated = ViewRefresh.refreshed(record, look, schema, now);
        if (updated == null) {
            return;
        }
        ViewEntry written = entry.withRecord(updated);
        views.put(view, written);
        counts.set(view, updated.getStatus());
        forward(view, written, new RecordHeaders());
        subscribers.tellAll(view, written);
        LOG.atInfo()
                .addKeyValue("featureView", view)
                .addKeyValue("table", look.table())
                .addKeyValue("snapshotId", updated.getSource().getSnapshotId())
                .addKeyValue("status", updated.getStatus())
                .log("view refreshed");
    }

    /// The schema that a refresh needs was sent to an earlier incarnation.
    private void askForSchema(String view, FeatureView record) {
        tellTable(
                ViewTable.of(record),
                new TableCommand.Watch(
                        view,
                        record.getSource().getRef(),
                        KnownState.of(record),
                        record.getSource().getMetadataLocation(),
                        true));
    }

    /// A schema for the refreshes that follow.
    void keepSchema(ViewCommand.TableSchema part) {
        schemas.add(part);
    }

    /// Tells the standing retrieval the view's record, now and at every change.
    void subscribe(String view, String standingId) {
        subscribers.add(view, standingId);
        context.commit();
    }

    void unsubscribe(String view, String standingId) {
        subscribers.remove(view, standingId);
    }

    /// Cuts the records of views that were dropped before `after`, and forgets answers of the same age about them and
    /// about names that never had a view.
    ///
    /// @param waits whether a registration of a view waits
    void forgetOld(long now, Duration after, Predicate<String> waits) {
        Instant before = Instant.ofEpochMilli(now).minus(after);
        List<String> dropped = new ArrayList<>();
        List<String> nameless = new ArrayList<>();
        try (KeyValueIterator<String, ViewEntry> all = views.all()) {
            while (all.hasNext()) {
                var next = all.next();
                FeatureView record = next.value.record();
                if (record == null) {
                    if (answered.areOlderThan(next.key, next.value, before)) {
                        nameless.add(next.key);
                    }
                } else if (isDropped(record)
                        && !record.getUpdatedAt().isAfter(before)
                        && !DroppedView.cut(record).equals(record)) {
                    dropped.add(next.key);
                }
            }
        }
        for (String view : nameless) {
            ViewEntry entry = answered.forgetAll(view, ViewEntry.in(views, view));
            views.put(view, entry);
            if (!subscribers.isRead(view) && !waits.test(view)) {
                views.delete(view);
            }
        }
        for (String view : dropped) {
            ViewEntry entry = ViewEntry.in(views, view);
            FeatureView cut = DroppedView.cut(Objects.requireNonNull(entry.record()));
            ViewEntry written = answered.forgetAll(view, entry).withRecord(cut).withPrincipal(null);
            views.put(view, written);
            forward(view, written, new RecordHeaders());
        }
    }

    /// @param given other headers of the record
    private void forward(String view, ViewEntry entry, Headers given) {
        Headers headers = new RecordHeaders(given);
        headers.remove(FirnHeaders.PRINCIPAL);
        if (entry.principal() != null) {
            FirnHeaders.set(headers, FirnHeaders.PRINCIPAL, entry.principal());
        }
        context.forward(
                new Record<>(view, entry.record(), context.currentSystemTimeMs(), headers),
                NodeNames.FEATURE_VIEWS_SINK);
    }

    private static boolean isDropped(FeatureView record) {
        return record.getStatus() == ViewStatus.DROPPED;
    }

    private void tellTable(String table, TableCommand command) {
        context.forward(new Record<>(table, command, context.currentSystemTimeMs()), NodeNames.VIEWS_TO_TABLES_SINK);
    }
}
