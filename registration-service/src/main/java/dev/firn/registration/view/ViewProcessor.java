package dev.firn.registration.view;

import dev.firn.config.FirnConfig;
import dev.firn.events.ViewStatus;
import dev.firn.registration.async.RestartableProcessor;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.meter.Share;
import dev.firn.registration.meter.StatusCounts;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.validation.ViewValidator;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/// The one writer of a view: writes its record, answers its registrations, and sends commands to its table and its
/// standing retrievals.
///
/// Registrations go to [RegistrationQueue]; commands from tables and standing retrievals go to [ViewRecords].
public final class ViewProcessor extends RestartableProcessor<String, ViewCommand, String> {
    private static final Duration AGE_CHECK = Duration.ofHours(1);

    private final FirnConfig.Registration settings;
    private final int watchersPerStep;
    private final Duration attemptLimit;
    private final ViewValidator validator;
    private final Executor pool;
    private final RegistryMeters meters;

    /// @param pool where validations run; may refuse one, which a later tick then starts
    /// @param attemptLimit after which a validation without a verdict is given up and tried again
    public ViewProcessor(
            FirnConfig.Registration settings,
            FirnConfig.Refresh refresh,
            Duration attemptLimit,
            ViewValidator validator,
            Executor pool,
            RegistryMeters meters) {
        super(NodeNames.VIEW_COMMANDS_POSITION, meters);
        this.meters = meters;
        this.settings = settings;
        this.watchersPerStep = refresh.watchersPerStep();
        this.attemptLimit = attemptLimit;
        this.validator = validator;
        this.pool = pool;
    }

    @Override
    protected Incarnation<String, ViewCommand> begin(ProcessorContext<String, Object> context) {
        return new State(context);
    }

    private final class State implements Incarnation<String, ViewCommand> {
        private final StatusCounts<ViewStatus> counts;
        private final Share waiting;
        private final Validations validations;
        private final ViewSubscribers subscribers;
        private final ViewRecords records;
        private final RegistrationQueue registrations;

        private State(ProcessorContext<String, Object> context) {
            AnsweredRegistrations answered = new AnsweredRegistrations(
                    context.getStateStore(NodeNames.ANSWERED_STORE), settings.answeredIdsPerView());
            validations = new Validations(validator, pool, attemptLimit, meters);
            counts = StatusCounts.ofViews(meters);
            waiting = meters.pending();
            subscribers = new ViewSubscribers(context, watchersPerStep);
            records = new ViewRecords(context, answered, counts, subscribers);
            registrations = new RegistrationQueue(settings, context, answered, validations, records, meters);
            waiting.set(registrations.waiting());
            context.schedule(settings.tick(), PunctuationType.WALL_CLOCK_TIME, this::tick);
            context.schedule(
                    AGE_CHECK,
                    PunctuationType.WALL_CLOCK_TIME,
                    now -> records.forgetOld(now, settings.tombstoneAfter(), registrations::waits));
        }

        private void tick(long now) {
            subscribers.tick(now);
            registrations.tick(now);
            waiting.set(registrations.waiting());
        }

        @Override
        public void process(Record<String, ViewCommand> command) {
            String view = command.key();
            switch (command.value()) {
                case ViewCommand.Register register -> registrations.accept(view, register, command.headers());
                case ViewCommand.Refresh refresh -> records.refresh(view, refresh.look());
                case ViewCommand.TableSchema part -> records.keepSchema(part);
                case ViewCommand.Subscribe subscribe -> records.subscribe(view, subscribe.standingId());
                case ViewCommand.Unsubscribe unsubscribe -> records.unsubscribe(view, unsubscribe.standingId());
            }
        }

        @Override
        public void close() {
            validations.close();
            waiting.close();
            counts.close();
        }
    }
}
