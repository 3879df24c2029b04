package dev.firn.registration.table;

import dev.firn.config.FirnConfig;
import dev.firn.events.TableCommit;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.TableName;
import dev.firn.registration.async.Mailbox;
import dev.firn.registration.async.RestartableProcessor;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableCommand;
import dev.firn.registration.command.TableLook;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.table.TableEntry.KnownRef;
import dev.firn.registration.table.TableEntry.Watcher;
import dev.firn.registration.table.TableObserver.LookRequest;
import dev.firn.registration.table.TableObserver.LookResult;
import dev.firn.schemas.Micros;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches the tables that views stand on.
///
/// The catalog is the truth: each table is looked at every poll interval (jittered), off the stream thread, one look in
/// flight per table; a hint only makes the next look come now. What a look shows is compared with what is stored: a ref
/// that *differs* (never: is newer) is published as a commit, and every view whose record says something else is told.
/// A look that could not be made changes nothing.
public final class TableProcessor extends RestartableProcessor<String, TableCommand, String> {
    private static final Logger LOG = LoggerFactory.getLogger(TableProcessor.class);
    private static final double JITTER = 0.2;

    private final FirnConfig.Refresh settings;
    private final Duration tick;
    private final TableObserver observer;
    private final Executor pool;
    private final RandomGenerator random;

    /// @param pool where looks are made; may refuse, then they are made at a later tick
    public TableProcessor(
            FirnConfig.Refresh settings, Duration tick, TableObserver observer, Executor pool, RandomGenerator random) {
        this.settings = settings;
        this.tick = tick;
        this.observer = observer;
        this.pool = pool;
        this.random = random;
    }

    @Override
    protected Incarnation<String, TableCommand> begin(ProcessorContext<String, Object> context) {
        return new State(context);
    }

    /// @param seen null: the look could not be made
    private record FinishedLook(
            String table, long look, @Nullable Set<LookResult> seen) {}

    /// @param look number of the look in flight
    /// @param again a hint or a new watcher came while it was in flight
    private record Flight(long look, long begunAtMillis, boolean again) {}

    private final class State implements Incarnation<String, TableCommand> {
        private final ProcessorContext<String, Object> context;
        private final KeyValueStore<String, TableEntry> tables;
        private final Mailbox<FinishedLook> mailbox = new Mailbox<>();
        private final Map<String, Flight> flights = new HashMap<>();
        private final Map<String, Long> dueAtMillis = new HashMap<>();
        private long looks;

        private State(ProcessorContext<String, Object> context) {
            this.context = context;
            this.tables = context.getStateStore(NodeNames.TABLES_STORE);
            try (KeyValueIterator<String, TableEntry> all = tables.all()) {
                while (all.hasNext()) {
                    dueAtMillis.put(all.next().key, 0L);
                }
            }
            context.schedule(tick, PunctuationType.WALL_CLOCK_TIME, this::tick);
        }

        @Override
        public void process(Record<String, TableCommand> command) {
            process(command.key(), command.value());
        }

        @Override
        public void close() {
            mailbox.close();
        }

        private void process(String table, TableCommand command) {
            TableEntry entry = tables.get(table);
            switch (command) {
                case TableCommand.Watch watch -> {
                    TableEntry known = entry == null ? TableEntry.NEW : entry;
                    tables.put(
                            table,
                            known.withWatcher(watch.view(), watch.ref(), watch.known(), watch.metadataLocation()));
                    lookSoon(table, known.refs().isEmpty() ? nextPoll() : context.currentSystemTimeMs());
                }
                case TableCommand.Unwatch unwatch -> {
                    if (entry != null) {
                        keep(table, entry.withoutWatcher(unwatch.view()));
                    }
                }
                case TableCommand.Hint hint -> {
                    if (entry != null) {
                        lookSoon(table, context.currentSystemTimeMs());
                    }
                }
            }
        }

        private void keep(String table, TableEntry entry) {
            if (entry.watchers().isEmpty()) {
                tables.delete(table);
                dueAtMillis.remove(table);
            } else {
                tables.put(table, entry);
            }
        }

        private void lookSoon(String table, long atMillis) {
            Flight flight = flights.get(table);
            if (flight != null) {
                flights.put(table, new Flight(flight.look(), flight.begunAtMillis(), true));
            }
            dueAtMillis.merge(table, atMillis, Math::min);
        }

        private long nextPoll() {
            long interval = settings.pollInterval().toMillis();
            return context.currentSystemTimeMs() + Math.round(interval * (1 + JITTER * (2 * random.nextDouble() - 1)));
        }

        private void tick(long now) {
            mailbox.drain(this::apply);
            flights.entrySet()
                    .removeIf(flight -> now - flight.getValue().begunAtMillis()
                            > settings.pollTimeout().toMillis());
            for (String table : due(now)) {
                if (!begin(table, now)) {
                    return;
                }
            }
        }

        /// The longest overdue first: while the pool is behind, each gets its turn.
        private List<String> due(long now) {
            return dueAtMillis.entrySet().stream()
                    .filter(due -> due.getValue() <= now && !flights.containsKey(due.getKey()))
                    .sorted(Map.Entry.comparingByValue())
                    .map(Map.Entry::getKey)
                    .toList();
        }

        /// @return false when the pool takes no more
        private boolean begin(String table, long now) {
            TableEntry entry = tables.get(table);
            if (entry == null) {
                dueAtMillis.remove(table);
                return true;
            }
            Set<LookRequest> asked = new LinkedHashSet<>();
            entry.refs().forEach((ref, seen) -> asked.add(seen.lookRequest(ref)));
            entry.watchers().values().forEach(watcher -> asked.add(entry.lookRequest(watcher)));
            long look = ++looks;
            Mailbox<FinishedLook> letters = mailbox;
            try {
                pool.execute(() -> {
                    if (letters.isOpen()) {
                        letters.put(new FinishedLook(table, look, seen(table, asked)));
                    }
                });
            } catch (RejectedExecutionException e) {
                return false;
            }
            flights.put(table, new Flight(look, now, false));
            dueAtMillis.put(table, nextPoll());
            return true;
        }

        private void apply(FinishedLook looked) {
            String table = looked.table();
            Flight flight = flights.get(table);
            if (flight != null && flight.look() == looked.look()) {
                flights.remove(table);
                if (flight.again()) {
                    dueAtMillis.put(table, context.currentSystemTimeMs());
                }
            }
            // a look that comes late counts all the same: what it compared with is a part of it, and the next would
            // be late as well
            TableEntry entry = tables.get(table);
            if (entry == null || looked.seen() == null) {
                return;
            }
            Map<LookRequest, TableLook> looks = new HashMap<>();
            looked.seen().forEach(seen -> looks.put(seen.request(), seen.look()));
            TableEntry after = tellViews(entry, publish(table, entry, looks), looks);
            if (!after.equals(entry)) {
                tables.put(table, after);
                context.commit();
            }
        }

        /// Publishes each ref that differs from what is stored.
        private TableEntry publish(String table, TableEntry entry, Map<LookRequest, TableLook> looks) {
            TableEntry after = entry;
            for (Map.Entry<String, KnownRef> known : entry.refs().entrySet()) {
                KnownRef before = known.getValue();
                TableLook look = looks.get(before.lookRequest(known.getKey()));
                switch (look) {
                    case null -> {}
                    case TableLook.Missing missing -> after = after.withRef(known.getKey(), before.asMissing());
                    case TableLook.Present present -> {
                        if (!present.now().equals(before.state())) {
                            context.forward(
                                    new Record<>(table, commit(present), context.currentSystemTimeMs()),
                                    NodeNames.TABLE_COMMITS_SINK);
                            LOG.atInfo()
                                    .addKeyValue("table", table)
                                    .addKeyValue("snapshotId", present.now().snapshotId())
                                    .addKeyValue("kind", present.kind())
                                    .log("commit seen");
                        }
                        after = after.withRef(
                                known.getKey(), new KnownRef(present.now(), false, present.metadataLocation()));
                    }
                }
            }
            return after;
        }

        /// Tells each view whose record says something else than the catalog.
        private TableEntry tellViews(TableEntry entry, TableEntry published, Map<LookRequest, TableLook> looks) {
            TableEntry after = published;
            for (Map.Entry<String, Watcher> watching : entry.watchers().entrySet()) {
                Watcher watcher = watching.getValue();
                TableLook look = looks.get(entry.lookRequest(watcher));
                boolean news =
                        switch (look) {
                            case null -> false;
                            case TableLook.Missing missing -> !watcher.missing();
                            case TableLook.Present present ->
                                watcher.missing() || !present.now().equals(watcher.known());
                        };
                if (look != null && news) {
                    tellView(watching.getKey(), look);
                    KnownState known = look instanceof TableLook.Present present ? present.now() : watcher.known();
                    after = after.withWatcher(
                            watching.getKey(), new Watcher(watcher.ref(), known, look instanceof TableLook.Missing));
                }
            }
            return after;
        }

        private void tellView(String view, TableLook look) {
            context.forward(
                    new Record<>(view, new ViewCommand.Refresh(look), context.currentSystemTimeMs()),
                    NodeNames.TABLES_TO_VIEWS_SINK);
        }

        private TableCommit commit(TableLook.Present look) {
            TableName name = TableName.parse(look.table());
            Long committedAt = look.committedAtMicros();
            return TableCommit.newBuilder()
                    .setCatalog(name.catalog())
                    .setSchema$(name.schema())
                    .setTableName(name.table())
                    .setRef(look.ref())
                    .setKind(look.kind())
                    .setTableUuid(look.now().tableUuid())
                    .setSnapshotId(look.now().snapshotId())
                    .setPreviousSnapshotId(look.before().snapshotId())
                    .setSchemaId(look.now().schemaId())
                    .setContentChanged(look.contentChanged())
                    .setMetadataLocation(look.metadataLocation())
                    .setCommittedAt(committedAt == null ? null : Micros.instant(committedAt))
                    .setObservedAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
                    .build();
        }
    }

    /// Runs on the pool. Null: the look could not be made, whatever the reason; the next poll makes another.
    private @Nullable Set<LookResult> seen(String table, Set<LookRequest> asked) {
        try {
            return new HashSet<>(observer.look(table, asked));
        } catch (LakeOutage e) {
            LOG.atWarn()
                    .addKeyValue("table", table)
                    .addKeyValue("reason", e.getMessage())
                    .log("catalog away");
            return null;
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("table", table).setCause(e).log("look failed");
            return null;
        }
    }
}
