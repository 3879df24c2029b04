package dev.firn.registration.standing;

import dev.firn.config.FirnConfig;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.StandingStatus;
import dev.firn.registration.async.RestartableProcessor;
import dev.firn.registration.command.StandingCommand;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.meter.StatusCounts;
import dev.firn.registration.state.NodeNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/// The one writer of a standing retrieval: writes its record, answers its requests, and issues its runs.
///
/// Requests go to [StandingQueue]. A new or changed definition subscribes to what it reads, is told how that
/// stands, and runs. Commands from views and tables and answers from workers go to [StandingRuns].
public final class StandingProcessor extends RestartableProcessor<String, StandingCommand, String> {
    private static final Duration AGE_CHECK = Duration.ofHours(1);

    private final FirnConfig.Registration settings;
    private final FirnConfig.Refresh refresh;
    private final SpineStore spines;
    private final Executor pool;
    private final RandomGenerator random;
    private final RegistryMeters meters;

    /// @param pool where inline spines are written; may refuse one, which a later tick then writes
    public StandingProcessor(
            FirnConfig.Registration settings,
            FirnConfig.Refresh refresh,
            SpineStore spines,
            Executor pool,
            RandomGenerator random,
            RegistryMeters meters) {
        super(NodeNames.STANDING_COMMANDS_POSITION, meters);
        this.random = random;
        this.meters = meters;
        this.settings = settings;
        this.refresh = refresh;
        this.spines = spines;
        this.pool = pool;
    }

    @Override
    protected Incarnation<String, StandingCommand> begin(ProcessorContext<String, Object> context) {
        return new State(context);
    }

    private final class State implements Incarnation<String, StandingCommand> {
        private final KeyValueStore<String, StandingEntry> store;
        private final StatusCounts<StandingStatus> counts;
        private final StandingSinks sinks;
        private final SpineWrites writes;
        private final StandingRuns runs;
        private final StandingQueue queue;

        private State(ProcessorContext<String, Object> context) {
            store = context.getStateStore(NodeNames.STANDING_STORE);
            counts = StatusCounts.ofStanding(meters);
            sinks = new StandingSinks(context, counts, meters);
            writes = new SpineWrites(spines, pool);
            runs = new StandingRuns(refresh, context, sinks, random, meters);
            StandingRules rules = new StandingRules(
                    settings.maxStandingRetrievals(), () -> counts.countWithout(StandingStatus.CANCELLED));
            queue = new StandingQueue(settings, context, rules, writes, runs, sinks);
            try (KeyValueIterator<String, StandingEntry> all = store.all()) {
                while (all.hasNext()) {
                    var next = all.next();
                    if (next.value.record() != null) {
                        counts.set(next.key, next.value.record().getStatus());
                    }
                    queue.resume(next.key, next.value);
                    runs.resume(next.key, next.value);
                }
            }
            context.schedule(settings.tick(), PunctuationType.WALL_CLOCK_TIME, this::tick);
            context.schedule(AGE_CHECK, PunctuationType.WALL_CLOCK_TIME, this::forgetOld);
        }

        @Override
        public void process(Record<String, StandingCommand> command) {
            String id = command.key();
            switch (command.value()) {
                case StandingCommand.Ask ask -> queue.accept(id, ask, command.headers());
                case StandingCommand.ViewChanged changed -> runs.viewChanged(id, changed);
                case StandingCommand.TableMoved moved -> runs.tableMoved(id, moved);
                case StandingCommand.RunAnswered answered -> runs.answered(id, answered.result());
            }
        }

        @Override
        public void close() {
            writes.close();
            counts.close();
        }

        private void tick(long now) {
            queue.tick(now);
            runs.tick(now);
        }

        /// Cuts the records of standing retrievals that were cancelled long ago, and forgets their answers.
        private void forgetOld(long now) {
            List<String> old = new ArrayList<>();
            try (KeyValueIterator<String, StandingEntry> all = store.all()) {
                while (all.hasNext()) {
                    var next = all.next();
                    if (isOld(next.value, now)) {
                        old.add(next.key);
                    }
                }
            }
            for (String id : old) {
                StandingRetrieval cut = CancelledRetrieval.cut(
                        Objects.requireNonNull(StandingEntry.in(store, id).record()));
                store.put(id, StandingEntry.NEW.withRecord(cut));
                sinks.publish(id, cut);
            }
        }

        private boolean isOld(StandingEntry entry, long now) {
            StandingRetrieval record = entry.record();
            return record != null
                    && record.getStatus() == StandingStatus.CANCELLED
                    && entry.head() == null
                    && now - record.getUpdatedAt().toEpochMilli()
                            >= settings.tombstoneAfter().toMillis()
                    && !CancelledRetrieval.cut(record).equals(record);
        }
    }
}
