package dev.firn.registration;

import dev.firn.config.FirnConfig;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TableCommit;
import dev.firn.events.TableHint;
import dev.firn.registration.async.AppliedUpTo;
import dev.firn.registration.command.StandingCommand;
import dev.firn.registration.command.TableCommand;
import dev.firn.registration.command.ViewCommand;
import dev.firn.registration.input.DecodeProcessor;
import dev.firn.registration.input.Intake;
import dev.firn.registration.input.RawRecord;
import dev.firn.registration.input.Routes;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.standing.SpineStore;
import dev.firn.registration.standing.StandingEntry;
import dev.firn.registration.standing.StandingProcessor;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.state.StateJson;
import dev.firn.registration.table.LookPool;
import dev.firn.registration.table.TableEntry;
import dev.firn.registration.table.TableObserver;
import dev.firn.registration.table.TableProcessor;
import dev.firn.registration.table.Watcher;
import dev.firn.registration.validation.ViewValidator;
import dev.firn.registration.view.AnsweredRequest;
import dev.firn.registration.view.PendingRegistration;
import dev.firn.registration.view.Subscriber;
import dev.firn.registration.view.ViewEntry;
import dev.firn.registration.view.ViewProcessor;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.Topic;
import dev.firn.service.event.EventDecoder;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/// The registry as one topology.
///
/// ```
/// registration-requests ─▶ decode ─▶ view-commands ─────▶ views ────▶ feature-views, registration-results
///                                        ▲                  │ watch
///                                        │ refresh          ▼
/// table-hints ───────────▶ decode ─▶ table-commands ────▶ tables ───▶ table-commits
/// other systems' topics ─▶ HintTopic ─▶ HintBoard ─────────▶
///
/// standing-requests ─────▶ decode ─▶ standing-commands ─▶ standing ─▶ standing-retrievals, retrieval-runs,
/// retrieval-results ─────▶ decode ─▶        ▲                │        retrieval-results
///                                           ├── views ◀──────┤ subscribe
///                                           └── tables ◀─────┘ follow
/// ```
///
/// Inputs are read as bytes, and their keys are ignored. Events reach views, tables and standing retrievals through one
/// internal topic each, keyed by the name in the value and partitioned by the default partitioner. So each view, table
/// and standing retrieval has exactly one writer.
final class RegistryTopology {
    private final Namespace namespace;
    private final Wire wire;
    private final Work work;
    private final FirnConfig.Registration registration;
    private final FirnConfig.Refresh refresh;
    private final Topology topology = new Topology();

    private RegistryTopology(
            Namespace namespace,
            Wire wire,
            Work work,
            FirnConfig.Registration registration,
            FirnConfig.Refresh refresh) {
        this.namespace = namespace;
        this.wire = wire;
        this.work = work;
        this.registration = registration;
        this.refresh = refresh;
    }

    /// How events are read and written on topics outside the topology.
    record Wire(
            EventDecoder<RegistrationRequest> registrationRequests,
            EventDecoder<TableHint> tableHints,
            EventDecoder<StandingRequest> standingRequests,
            EventDecoder<RetrievalResult> runResults,
            Serializer<RegistrationResult> registrationResults,
            Serializer<FeatureView> featureViews,
            Serializer<TableCommit> tableCommits,
            Serializer<StandingRetrieval> standingRetrievals,
            Serializer<RetrievalRequest> retrievalRuns,
            Serializer<RetrievalResult> retrievalResults) {}

    /// The work done off the stream threads, and the pools that do it.
    ///
    /// @param intake paused while too many records cannot be decoded
    /// @param validationLimit after which a validation without a verdict is given up and tried again
    record Work(
            ViewValidator validator,
            Duration validationLimit,
            Executor validations,
            TableObserver observer,
            LookPool looks,
            SpineStore spines,
            Executor spineWrites,
            RandomGenerator random,
            TableProcessor.Hints hints,
            Intake intake,
            RegistryMeters meters) {}

    static Topology build(
            Namespace namespace,
            Wire wire,
            Work work,
            FirnConfig.Registration registration,
            FirnConfig.Refresh refresh) {
        RegistryTopology registry = new RegistryTopology(namespace, wire, work, registration, refresh);
        registry.registrationRequests();
        registry.tableHints();
        registry.standingRequests();
        registry.runResults();
        registry.views();
        registry.tables();
        registry.standing();
        return registry.topology;
    }

    private void registrationRequests() {
        decode(Topic.REGISTRATION_REQUESTS, wire.registrationRequests(), new Routes.Registrations());
        command(
                NodeNames.REGISTRATIONS_TO_VIEWS_SINK,
                Topic.VIEW_COMMANDS,
                ViewCommand.class,
                decoder(Topic.REGISTRATION_REQUESTS));
        event(
                NodeNames.UNREADABLE_REGISTRATIONS_SINK,
                Topic.REGISTRATION_RESULTS,
                wire.registrationResults(),
                decoder(Topic.REGISTRATION_REQUESTS));
    }

    private void tableHints() {
        decode(Topic.TABLE_HINTS, wire.tableHints(), new Routes.Hints());
        command(NodeNames.HINTS_TO_TABLES_SINK, Topic.TABLE_COMMANDS, TableCommand.class, decoder(Topic.TABLE_HINTS));
    }

    private void standingRequests() {
        decode(Topic.STANDING_REQUESTS, wire.standingRequests(), new Routes.StandingRequests());
        command(
                NodeNames.REQUESTS_TO_STANDING_SINK,
                Topic.STANDING_COMMANDS,
                StandingCommand.class,
                decoder(Topic.STANDING_REQUESTS));
        event(
                NodeNames.UNREADABLE_STANDING_SINK,
                Topic.RETRIEVAL_RESULTS,
                wire.retrievalResults(),
                decoder(Topic.STANDING_REQUESTS));
    }

    private void runResults() {
        decode(Topic.RETRIEVAL_RESULTS, wire.runResults(), new Routes.RunResults());
        command(
                NodeNames.RESULTS_TO_STANDING_SINK,
                Topic.STANDING_COMMANDS,
                StandingCommand.class,
                decoder(Topic.RETRIEVAL_RESULTS));
    }

    private void views() {
        commands(Topic.VIEW_COMMANDS, ViewCommand.class);
        topology.addProcessor(
                "views",
                () -> new ViewProcessor(
                        registration,
                        refresh,
                        work.validationLimit(),
                        work.validator(),
                        work.validations(),
                        work.meters()),
                Topic.VIEW_COMMANDS.simpleName());
        topology.addStateStore(position(NodeNames.VIEW_COMMANDS_POSITION), "views");
        topology.addStateStore(
                store(NodeNames.VIEWS_STORE, Serdes.String(), StateJson.serde(ViewEntry.class)), "views");
        topology.addStateStore(
                store(NodeNames.SUBSCRIBERS_STORE, Serdes.String(), StateJson.serde(Subscriber.class)), "views");
        topology.addStateStore(
                store(NodeNames.PENDING_STORE, Serdes.String(), StateJson.serde(PendingRegistration.class)), "views");
        topology.addStateStore(
                store(NodeNames.ANSWERED_STORE, Serdes.String(), StateJson.serde(AnsweredRequest.class)), "views");
        event(NodeNames.FEATURE_VIEWS_SINK, Topic.FEATURE_VIEWS, wire.featureViews(), "views");
        event(NodeNames.REGISTRATION_RESULTS_SINK, Topic.REGISTRATION_RESULTS, wire.registrationResults(), "views");
        command(NodeNames.VIEWS_TO_TABLES_SINK, Topic.TABLE_COMMANDS, TableCommand.class, "views");
        command(NodeNames.VIEWS_TO_STANDING_SINK, Topic.STANDING_COMMANDS, StandingCommand.class, "views");
    }

    private void tables() {
        commands(Topic.TABLE_COMMANDS, TableCommand.class);
        topology.addProcessor(
                "tables",
                () -> new TableProcessor(
                        refresh,
                        registration.tick(),
                        work.observer(),
                        work.looks(),
                        work.random(),
                        work.hints(),
                        work.meters()),
                Topic.TABLE_COMMANDS.simpleName());
        topology.addStateStore(position(NodeNames.TABLE_COMMANDS_POSITION), "tables");
        topology.addStateStore(
                store(NodeNames.TABLES_STORE, Serdes.String(), StateJson.serde(TableEntry.class)), "tables");
        topology.addStateStore(
                store(NodeNames.WATCHERS_STORE, Serdes.String(), StateJson.serde(Watcher.class)), "tables");
        event(NodeNames.TABLE_COMMITS_SINK, Topic.TABLE_COMMITS, wire.tableCommits(), "tables");
        topology.addSink(
                NodeNames.TABLES_TO_VIEWS_SINK,
                namespace.topic(Topic.VIEW_COMMANDS),
                new StringSerializer(),
                StateJson.serde(ViewCommand.class).serializer(),
                RegistryTopology::viewPartitions,
                "tables");
        command(NodeNames.TABLES_TO_STANDING_SINK, Topic.STANDING_COMMANDS, StandingCommand.class, "tables");
    }

    /// A schema goes to all partitions, anything else to that of its key.
    private static Optional<Set<Integer>> viewPartitions(
            String topic, String key, ViewCommand command, int partitions) {
        return command instanceof ViewCommand.TableSchema
                ? Optional.of(IntStream.range(0, partitions).boxed().collect(Collectors.toUnmodifiableSet()))
                : Optional.empty();
    }

    private void standing() {
        commands(Topic.STANDING_COMMANDS, StandingCommand.class);
        topology.addProcessor(
                "standing",
                () -> new StandingProcessor(
                        registration, refresh, work.spines(), work.spineWrites(), work.random(), work.meters()),
                Topic.STANDING_COMMANDS.simpleName());
        topology.addStateStore(position(NodeNames.STANDING_COMMANDS_POSITION), "standing");
        topology.addStateStore(
                store(NodeNames.STANDING_STORE, Serdes.String(), StateJson.serde(StandingEntry.class)), "standing");
        event(NodeNames.STANDING_RETRIEVALS_SINK, Topic.STANDING_RETRIEVALS, wire.standingRetrievals(), "standing");
        event(NodeNames.RETRIEVAL_RUNS_SINK, Topic.RETRIEVAL_RUNS, wire.retrievalRuns(), "standing");
        event(NodeNames.STANDING_RESULTS_SINK, Topic.RETRIEVAL_RESULTS, wire.retrievalResults(), "standing");
        command(NodeNames.STANDING_TO_VIEWS_SINK, Topic.VIEW_COMMANDS, ViewCommand.class, "standing");
        command(NodeNames.STANDING_TO_TABLES_SINK, Topic.TABLE_COMMANDS, TableCommand.class, "standing");
    }

    /// Decodes an input of bytes, with a store for records that wait for the schema registry, and a sink for
    /// dead letters.
    private <E> void decode(Topic input, EventDecoder<E> events, DecodeProcessor.Route<E> route) {
        DecodeProcessor.Nodes nodes = new DecodeProcessor.Nodes(
                "undecoded-" + input.simpleName(),
                "position-" + input.simpleName(),
                "dead-letters-of-" + input.simpleName());
        DecodeProcessor.Room room =
                new DecodeProcessor.Room(registration.maxUndecoded(), registration.maxUndecodedBytes(), work.intake());
        topology.addSource(
                input.simpleName(), new ByteArrayDeserializer(), new ByteArrayDeserializer(), namespace.topic(input));
        topology.addProcessor(
                decoder(input),
                () -> new DecodeProcessor<>(nodes, events, route, room, work.meters()),
                input.simpleName());
        topology.addStateStore(
                store(nodes.waitingStore(), Serdes.Long(), StateJson.serde(RawRecord.class)), decoder(input));
        topology.addStateStore(position(nodes.positionStore()), decoder(input));
        topology.addSink(
                nodes.deadLettersSink(),
                namespace.topic(Topic.DEAD_LETTERS),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                decoder(input));
    }

    private static String decoder(Topic input) {
        return "decode-" + input.simpleName();
    }

    private <C> void commands(Topic topic, Class<C> type) {
        Deserializer<C> commands = StateJson.serde(type).deserializer();
        topology.addSource(topic.simpleName(), new StringDeserializer(), commands, namespace.topic(topic));
    }

    private <C> void command(String sink, Topic topic, Class<C> type, String parent) {
        event(sink, topic, StateJson.serde(type).serializer(), parent);
    }

    private <E> void event(String sink, Topic topic, Serializer<E> serializer, String parent) {
        topology.addSink(sink, namespace.topic(topic), new StringSerializer(), serializer, parent);
    }

    /// One entry per partition, in memory. Its cache writes it to the changelog once per commit, not once per record.
    private static StoreBuilder<KeyValueStore<Integer, AppliedUpTo>> position(String name) {
        return Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(name), Serdes.Integer(), StateJson.serde(AppliedUpTo.class))
                .withCachingEnabled();
    }

    /// Without a cache: entries are small, few, and read one by one, and a cache would only delay the changelog.
    private static <K, V> StoreBuilder<KeyValueStore<K, V>> store(String name, Serde<K> keys, Serde<V> values) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), keys, values)
                .withCachingDisabled();
    }
}
