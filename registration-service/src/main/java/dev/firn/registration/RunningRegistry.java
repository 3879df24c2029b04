package dev.firn.registration;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableHint;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.registration.async.WorkPool;
import dev.firn.registration.async.WorkPools;
import dev.firn.registration.hint.HintBoard;
import dev.firn.registration.hint.HintTopic;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.standing.StoredRowsStore;
import dev.firn.registration.table.CatalogObserver;
import dev.firn.registration.table.TableProcessor;
import dev.firn.registration.validation.TrinoClient;
import dev.firn.registration.validation.TrinoLogin;
import dev.firn.registration.validation.TrinoViewValidator;
import dev.firn.schemas.AccessRule;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.FirnAvroSerializer;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.SchemaRegistryUnavailableException;
import dev.firn.schemas.Topic;
import dev.firn.service.CatalogFactory;
import dev.firn.service.Health;
import dev.firn.service.HealthEndpoint;
import dev.firn.service.InputLag;
import dev.firn.service.KafkaRights;
import dev.firn.service.LagWatch;
import dev.firn.service.Lifecycle;
import dev.firn.service.Neighbour;
import dev.firn.service.Neighbours;
import dev.firn.service.TopicPreparation;
import dev.firn.service.event.EventDecoder;
import dev.firn.service.spine.StoredRows;
import io.micrometer.core.instrument.Gauge;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;

/// The registration service with all of its parts, from [#start] to [#close].
final class RunningRegistry implements AutoCloseable {
    /// Maximum queries in a row of one look; a validation looks at most [TrinoViewValidator#MAX_LOOKS] times.
    private static final int QUERIES_IN_A_ROW = 4;

    private static final Duration DECODE_WAIT = Duration.ofSeconds(2);
    private static final Duration DECODE_REST = Duration.ofSeconds(3);

    /// Their schemas are looked up before the first record is read: a thread that writes must not wait for
    /// the registry.
    private static final Set<Topic> OUTPUTS = EnumSet.of(
            Topic.REGISTRATION_RESULTS,
            Topic.FEATURE_VIEWS,
            Topic.TABLE_COMMITS,
            Topic.STANDING_RETRIEVALS,
            Topic.RETRIEVAL_RUNS,
            Topic.RETRIEVAL_RESULTS);

    private static final Set<Topic> INPUTS = EnumSet.of(
            Topic.REGISTRATION_REQUESTS, Topic.TABLE_HINTS, Topic.STANDING_REQUESTS, Topic.RETRIEVAL_RESULTS);

    private final FirnConfig config;
    private final Lifecycle lifecycle;
    private final Neighbours neighbours;
    private final Neighbour trino;
    private final Health health;

    private RunningRegistry(FirnConfig config, Lifecycle lifecycle) {
        this.config = config;
        this.lifecycle = lifecycle;
        this.neighbours = new Neighbours(config, Clock.systemUTC());
        this.trino = neighbours.require("trino");
        this.health = new Health(neighbours);
    }

    /// Starts the service: its HTTP endpoint first, then, once the topics exist, the topology. If that
    /// fails, everything that was started is stopped.
    static RunningRegistry start(FirnConfig config) {
        Lifecycle lifecycle = new Lifecycle();
        RunningRegistry registry = new RunningRegistry(config, lifecycle);
        try {
            registry.run();
            return registry;
        } catch (RuntimeException e) {
            lifecycle.close();
            throw e;
        }
    }

    /// Starts the service; `lifecycle` closes its parts.
    ///
    /// @return counts down when the topology can no longer run
    static CountDownLatch start(FirnConfig config, Lifecycle lifecycle) {
        return new RunningRegistry(config, lifecycle).run();
    }

    private CountDownLatch run() {
        Namespace namespace = new Namespace(config.namespace());
        HealthEndpoint endpoint = lifecycle.opened(HealthEndpoint.start(config.http(), health));
        KafkaRights rights = lifecycle.opened(new KafkaRights(config, AccessRule.Role.REGISTRATION_SERVICE));
        new TopicPreparation(config, rights, neighbours).await(lifecycle);
        rights.watch(endpoint.metrics());
        AvroCodec codec = lifecycle.opened(AvroCodec.forServices(Settings.schemaRegistryProperties(config)));
        neighbours.schemaRegistry().await(lifecycle, SchemaRegistryUnavailableException.class, "output schemas", () -> {
            OUTPUTS.forEach(topic -> topic.event().ifPresent(event -> codec.prepare(namespace.topic(topic), event)));
            return true;
        });
        AvroCodec inputs = lifecycle.opened(AvroCodec.forServices(
                askedOnce(Settings.schemaRegistryProperties(config)),
                DECODE_REST,
                config.registration().validationDeadline()));
        neighbours.schemaRegistry().await(lifecycle, SchemaRegistryUnavailableException.class, "input schemas", () -> {
            INPUTS.forEach(topic -> inputs.learn(namespace.topic(topic)));
            return true;
        });
        Catalogs catalogs = lifecycle.opened(CatalogFactory.open(config, endpoint.metrics()));
        Gauge.builder("firn.refresh.comparison.used.bytes", catalogs, Catalogs::comparisonBytes)
                .register(endpoint.metrics());
        TrinoClient client = lifecycle.opened(
                new TrinoClient(TrinoLogin.of(config.trino()), config.trino().queryTimeout()));
        StreamsIntake intake = new StreamsIntake();
        RegistryMeters meters = new RegistryMeters(endpoint.metrics());
        HintBoard hints = new HintBoard();
        Topology topology = topology(namespace, wire(inputs, codec), catalogs, client, hints, intake, meters);
        RegistryStreams streams = lifecycle.opened(RegistryStreams.of(config, namespace, topology, intake));
        List<HintTopic> hintTopics = config.hints().sources().entrySet().stream()
                .map(source -> lifecycle.opened(
                        new HintTopic(source.getKey(), source.getValue(), config, hints, meters).start()))
                .toList();
        streams.bindTo(endpoint.metrics(), config.http().kafkaMetrics());
        neighbours.watch(lifecycle, catalogs, endpoint.metrics()).watch(trino, client::check);
        lifecycle.opened(
                new LagWatch(config, InputLag.Input.ofRegistrationService(namespace), endpoint.metrics()).start());
        health.started(new RunningProbe(streams, hintTopics));
        streams.start();
        return streams.failed();
    }

    /// Inputs are decoded on a thread with an open transaction, which times out after ten seconds. So the
    /// registry is asked once, with a short timeout, and by one of the tasks: [DecodeProcessor] keeps the
    /// record and asks again.
    private static Map<String, Object> askedOnce(Map<String, ?> registry) {
        Map<String, Object> properties = new HashMap<>(registry);
        properties.put("max.retries", 0);
        properties.putIfAbsent("http.read.timeout.ms", DECODE_WAIT.toMillis());
        return properties;
    }

    private Topology topology(
            Namespace namespace,
            RegistryTopology.Wire wire,
            Catalogs catalogs,
            TrinoClient client,
            HintBoard hints,
            StreamsIntake intake,
            RegistryMeters meters) {
        FirnConfig.Registration registration = config.registration();
        TrinoViewValidator validator = lifecycle.opened(new TrinoViewValidator(
                client, catalogs, registration.warningQueryRows(), registration.warningQueryTimeout()));
        Duration validationLimit =
                config.trino().queryTimeout().multipliedBy((long) QUERIES_IN_A_ROW * TrinoViewValidator.MAX_LOOKS);
        WorkPools looks = lifecycle.opened(new WorkPools(
                "table-look", Set.copyOf(catalogs.names()), config.refresh().pollThreads()));
        RegistryTopology.Work work = new RegistryTopology.Work(
                validator,
                validationLimit,
                lifecycle.opened(new WorkPool("validation", registration.validationThreads())),
                new CatalogObserver(catalogs),
                looks::execute,
                new StoredRowsStore(catalogs, StoredRows.folder(config)),
                lifecycle.opened(new WorkPool("spine-write", 2)),
                RandomGenerator.getDefault(),
                new TableProcessor.Hints(hints, config.hints().lookInterval()),
                intake,
                meters);
        return RegistryTopology.build(namespace, wire, work, registration, config.refresh());
    }

    private RegistryTopology.Wire wire(AvroCodec inputs, AvroCodec outputs) {
        return new RegistryTopology.Wire(
                decoder(inputs, RegistrationRequest.class),
                decoder(inputs, TableHint.class),
                decoder(inputs, StandingRequest.class),
                decoder(inputs, RetrievalResult.class),
                serializer(outputs),
                serializer(outputs),
                serializer(outputs),
                serializer(outputs),
                serializer(outputs),
                serializer(outputs));
    }

    private <E extends SpecificRecord> EventDecoder<E> decoder(AvroCodec codec, Class<E> event) {
        return bytes -> codec.decode(event, bytes);
    }

    private static <E extends SpecificRecord> Serializer<E> serializer(AvroCodec codec) {
        return new FirnAvroSerializer<>(codec);
    }

    /// Stops the parts, last started first.
    @Override
    public void close() {
        lifecycle.close();
    }
}
