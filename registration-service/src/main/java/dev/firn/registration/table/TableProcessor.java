package dev.firn.registration.table;

import dev.firn.config.FirnConfig;
import dev.firn.lake.LakeOutage;
import dev.firn.registration.async.Mailbox;
import dev.firn.registration.async.RestartableProcessor;
import dev.firn.registration.async.Steps;
import dev.firn.registration.command.KnownState;
import dev.firn.registration.command.TableCommand;
import dev.firn.registration.hint.HintBoard;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.meter.Share;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.table.TableObserver.LookRequest;
import dev.firn.registration.table.TableObserver.LookResult;
import dev.firn.registration.table.Watchers.Reader;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches the tables that views read. The task that owns a table's key looks at the table in its catalog, publishes
/// what changed, and tells the views.
///
/// ## How
/// Each table has a **due time**. A tick starts a look at every table that is due, on the pool. The look is then **in
/// flight**. It puts its results into the mailbox, and a later tick applies them. A hint or another watcher only makes
/// the table due now.
///
/// ```
///                 first watcher                     due, and the pool accepts
///   unwatched ───────────────────▶ waiting ────────────────────────────────────▶ in flight
///       ▲                           │  ▲ ▲ next due: a poll interval               │  │ ▲
///       │   last watcher leaves     │  │ └──── results, failure, poll timeout ──────┘  │ │
///       └───────────────────────────┘  │                                              │ │
///                                      │ next due: now                                ▼ │ hint, watcher
///                                      └──── results, failure ───────── in flight, to be repeated
/// ```
///
/// A look compares each watched ref with what is stored. A ref that differs is published as a commit
/// ([LookResults]), and leaves the table **unsettled**: its watchers are told, a bounded number per tick
/// ([FanOut]). While a table is settled, all watchers know what is known of their ref, and a look costs the same
/// for one of them and for ten thousand. Watchers are views, and standing retrievals that read a ref of a table
/// themselves.
///
/// ## Invariants
/// - At most one look per table is in flight. After the poll timeout it no longer counts, and the next one may start.
/// - A result is applied only where what it was compared with is still what is stored: each carries its [LookRequest].
///   So results may come late, in any order, and twice.
/// - A late result is applied like any other. Where looks always take longer than the timeout, all of them are late.
/// - A commit means that a ref *differs*, never that it is newer: a rollback moves it back.
/// - A look that fails changes nothing. Only a definite "not found" says that a table or ref is missing.
/// - A look that starts after a hint was received will follow, even if another was in flight: that look may
///   have read the table before the commit.
///
/// ## Who owns what
/// The stream thread owns the stores, the schedule and the mailbox's reading end. A look on the pool gets an
/// immutable set of requests, and gives its results away through the mailbox; it touches nothing else. What a watcher
/// is told and the row that says so are one transaction. Schedule and fan-outs are in memory only: when a task starts,
/// all its tables are due. The mailbox belongs to one incarnation of the task, so that another one never applies
/// its looks.
///
/// ## Why this way
/// A catalog may take seconds to answer, and a stream thread that waits stops every other task. Hints may be lost,
/// duplicated, or early, so they carry no state, and polling finds what they miss. Intervals are jittered, so that the
/// tables of a catalog are not all due at once. Each catalog has threads of its own, which refuse when all are busy: a
/// table then stays due, and as the longest overdue goes first, each gets its turn ([LookSchedule]).
public final class TableProcessor extends RestartableProcessor<String, TableCommand, String> {
    private static final Logger LOG = LoggerFactory.getLogger(TableProcessor.class);
    private static final Duration MEASURE_INTERVAL = Duration.ofSeconds(1);
    /// Different states that one look compares with; the next look goes on with the rest.
    private static final int MAX_REQUESTS = 100;

    private final FirnConfig.Refresh settings;
    private final Duration tick;
    private final TableObserver observer;
    private final LookPool pool;
    private final RandomGenerator random;
    private final Hints hints;
    private final RegistryMeters meters;

    /// Hints of other systems.
    ///
    /// @param interval shortest time between two looks at a table that they ask for
    public record Hints(HintBoard board, Duration interval) {}

    /// @param pool where looks are made; may refuse one, which a later tick then starts
    public TableProcessor(
            FirnConfig.Refresh settings,
            Duration tick,
            TableObserver observer,
            LookPool pool,
            RandomGenerator random,
            Hints hints,
            RegistryMeters meters) {
        super(NodeNames.TABLE_COMMANDS_POSITION, meters);
        this.hints = hints;
        this.meters = meters;
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

    /// @param results empty if the look failed
    private record FinishedLook(String table, long number, Set<LookRequest> asked, Set<LookResult> results) {}

    private final class State implements Incarnation<String, TableCommand> {
        private final ProcessorContext<String, Object> context;
        private final TableEntries tables;
        private final Watchers watchers;
        private final Mailbox<FinishedLook> mailbox = new Mailbox<>();
        private final LookSchedule schedule = new LookSchedule(settings, random);
        private final LookResults lookResults;
        private final HintedLooks hintedLooks;
        private final Map<String, FanOut> fanOuts = new LinkedHashMap<>();
        private final Steps steps = new Steps(settings.watchersPerStep(), Steps.PAUSE);
        private final Share looksInFlight = meters.looks();
        private final Share watched = meters.tables();
        private final Share lookAge = meters.lookAge();

        private State(ProcessorContext<String, Object> context) {
            this.context = context;
            this.watchers = new Watchers(context);
            this.tables = new TableEntries(context, watchers);
            this.lookResults = new LookResults(context);
            this.hintedLooks = new HintedLooks(hints.board().open(), tables, schedule, hints.interval(), meters);
            tables.names().forEach(table -> schedule.lookNow(table, context.currentSystemTimeMs()));
            context.schedule(tick, PunctuationType.WALL_CLOCK_TIME, this::tick);
            context.schedule(MEASURE_INTERVAL, PunctuationType.WALL_CLOCK_TIME, this::measure);
        }

        @Override
        public void process(Record<String, TableCommand> command) {
            process(command.key(), command.value());
        }

        @Override
        public void close() {
            mailbox.close();
            hintedLooks.close();
            looksInFlight.close();
            watched.close();
            lookAge.close();
        }

        private void measure(long now) {
            watched.set(schedule.tables());
            lookAge.set(
                    Duration.ofMillis(schedule.longestWithoutLookMillis(now)).toSeconds());
        }

        private void process(String table, TableCommand command) {
            long now = context.currentSystemTimeMs();
            switch (command) {
                case TableCommand.Watch watch -> {
                    boolean isFirst = tables.find(table) == null;
                    watch(
                            table,
                            new Reader.View(watch.view()),
                            new Watcher(watch.ref(), watch.known(), watch.isToBeTold()),
                            watch.metadataLocation());
                    if (isFirst) {
                        schedule.lookLater(table, now); // the view's registration has just looked
                    } else {
                        schedule.lookNow(table, now);
                    }
                }
                case TableCommand.Follow follow -> {
                    watch(
                            table,
                            new Reader.Standing(follow.standingId(), follow.ref()),
                            new Watcher(follow.ref(), KnownState.NEVER_SEEN, false),
                            null);
                    schedule.lookNow(table, now);
                }
                case TableCommand.Unwatch unwatch -> unwatch(table, new Reader.View(unwatch.view()));
                case TableCommand.Unfollow unfollow ->
                    unwatch(table, new Reader.Standing(unfollow.standingId(), unfollow.ref()));
                case TableCommand.Hint hint -> {
                    if (tables.find(table) != null) {
                        schedule.lookNow(table, now);
                    }
                }
            }
        }

        private void watch(String table, Reader reader, Watcher watcher, @Nullable String metadataLocation) {
            TableEntry entry = Objects.requireNonNullElse(tables.find(table), TableEntry.NEW);
            Watcher before = watchers.find(table, reader);
            watchers.put(table, reader, watcher);
            TableEntry after = entry.withWatcher(watcher, metadataLocation);
            tables.put(table, before == null ? after : after.withoutWatcher(before));
            FanOut running = fanOuts.get(table);
            if (running != null) {
                running.missesWatchers();
            }
        }

        private void unwatch(String table, Reader reader) {
            TableEntry entry = tables.find(table);
            Watcher before = watchers.find(table, reader);
            if (entry == null || before == null) {
                return;
            }
            watchers.remove(table, reader);
            TableEntry after = entry.withoutWatcher(before);
            if (after.isWatched()) {
                tables.put(table, after);
            } else {
                tables.remove(table);
                schedule.remove(table);
                hintedLooks.remove(table);
                fanOuts.remove(table);
            }
        }

        private void tick(long now) {
            mailbox.drain(this::apply);
            hintedLooks.drain(now);
            schedule.giveUpLateLooks(now).forEach(this::late);
            tellWatchers(now);
            Set<String> full = new HashSet<>();
            for (String table : schedule.due(now)) {
                if (!full.contains(catalog(table)) && !startLook(table, now)) {
                    full.add(catalog(table));
                }
            }
            looksInFlight.set(schedule.inFlight());
        }

        /// @return false if the catalog's threads are busy
        private boolean startLook(String table, long now) {
            TableEntry entry = tables.find(table);
            if (entry == null) {
                schedule.remove(table);
                return true;
            }
            Set<LookRequest> requests = requests(table, entry);
            long number = schedule.nextNumber();
            try {
                pool.execute(catalog(table), () -> {
                    if (mailbox.isOpen()) {
                        mailbox.put(new FinishedLook(table, number, requests, look(table, requests)));
                    }
                });
            } catch (RejectedExecutionException e) {
                return false;
            }
            schedule.started(table, number, now);
            return true;
        }

        /// One request per ref while all watchers know what is known of it; otherwise theirs too.
        private Set<LookRequest> requests(String table, TableEntry entry) {
            Set<LookRequest> requests = new LinkedHashSet<>();
            entry.refs().forEach((refKey, ref) -> requests.add(ref.lookRequest(refKey)));
            if (entry.isUnsettled()) {
                watchers.visit(table, null, (reader, watcher) -> {
                    requests.add(entry.lookRequest(watcher));
                    return requests.size() < MAX_REQUESTS;
                });
            }
            return requests;
        }

        private void apply(FinishedLook look) {
            String table = look.table();
            schedule.ended(table, look.number(), context.currentSystemTimeMs());
            TableEntry entry = tables.find(table);
            if (entry == null) {
                return;
            }
            if (look.results().isEmpty()) {
                tell(table, entry, look.asked(), look.results());
                return;
            }
            schedule.looked(table, context.currentSystemTimeMs());
            TableEntry after = lookResults.publish(table, entry, look.results());
            if (!after.equals(entry)) {
                tables.put(table, after);
                context.commit();
            }
            hintedLooks.looked(table, context.currentSystemTimeMs());
            tell(table, after, look.asked(), look.results());
        }

        /// A look takes too long.
        private void late(String table) {
            TableEntry entry = tables.find(table);
            if (entry != null) {
                tell(table, entry, requests(table, entry), Set.of());
            }
        }

        /// Begins to tell the watchers of an unsettled table. A newer look takes the place of an earlier one; a failed
        /// one does not.
        private void tell(String table, TableEntry entry, Set<LookRequest> asked, Set<LookResult> results) {
            if (entry.isUnsettled() && !(results.isEmpty() && fanOuts.containsKey(table))) {
                fanOuts.put(table, new FanOut(table, asked, results));
            }
        }

        /// One step, for as many tables as it has room for.
        private void tellWatchers(long now) {
            if (!steps.mayBegin(now)) {
                return;
            }
            Steps.Room room = steps.begin();
            Iterator<Map.Entry<String, FanOut>> running = fanOuts.entrySet().iterator();
            while (running.hasNext() && room.isLeft()) {
                var next = running.next();
                TableEntry entry = Objects.requireNonNullElse(tables.find(next.getKey()), TableEntry.NEW);
                if (next.getValue().step(context, entry, watchers, room)) {
                    running.remove();
                    ended(next.getKey(), entry, next.getValue());
                }
            }
            if (room.isUsed()) {
                context.commit();
            }
            steps.ended(room, now);
        }

        private void ended(String table, TableEntry entry, FanOut done) {
            if (!done.isIncomplete()) {
                tables.put(table, entry.unsettled(false));
            } else if (done.isAnotherLookDue()) {
                schedule.lookNow(table, context.currentSystemTimeMs());
            }
        }
    }

    private static String catalog(String table) {
        return table.substring(0, Math.max(0, table.indexOf('.')));
    }

    /// Runs on the pool. Empty if the look failed for any reason, even for lack of memory; the next poll makes another.
    private Set<LookResult> look(String table, Set<LookRequest> requests) {
        try {
            return Set.copyOf(observer.look(table, requests));
        } catch (LakeOutage e) {
            LOG.atWarn()
                    .addKeyValue("table", table)
                    .addKeyValue("reason", e.getMessage())
                    .log("catalog not available");
        } catch (RuntimeException | Error e) {
            LOG.atError().addKeyValue("table", table).setCause(e).log("look failed");
        }
        return Set.of();
    }
}
