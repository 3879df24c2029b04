package dev.firn.registration;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableHint;
import dev.firn.lake.Access;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.registration.async.WorkPool;
import dev.firn.registration.input.EventDecoder;
import dev.firn.registration.standing.ResultsSpineStore;
import dev.firn.registration.table.CatalogObserver;
import dev.firn.registration.validation.TrinoClient;
import dev.firn.registration.validation.TrinoViewValidator;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.FirnAvroSerializer;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.SchemaRegistryUnavailableException;
import dev.firn.schemas.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The registration service with everything it stands on, from [#start] to [#close].
final class RunningRegistry implements AutoCloseable {
    /// Queries of one validation follow each other at most this many times, and it looks again at most so often.
    private static final int QUERIES_IN_A_ROW = 4;

    private static final Duration DECODE_WAIT = Duration.ofSeconds(2);
    private static final Duration DECODE_REST = Duration.ofSeconds(3);

    /// Whose schemas are found before the first record is read: a thread that writes must not wait for the registry.
    private static final Set<Topic> OUTPUTS = EnumSet.of(
            Topic.REGISTRATION_RESULTS,
            Topic.FEATURE_VIEWS,
            Topic.TABLE_COMMITS,
            Topic.STANDING_RETRIEVALS,
            Topic.RETRIEVAL_RUNS,
            Topic.RETRIEVAL_RESULTS);

    private static final Set<Topic> INPUTS = EnumSet.of(
            Topic.REGISTRATION_REQUESTS, Topic.TABLE_HINTS, Topic.STANDING_REQUESTS, Topic.RETRIEVAL_RESULTS);

    private static final Logger LOG = LoggerFactory.getLogger(RunningRegistry.class);

    private final Reachability trinoReach = new Reachability("trino", Clock.systemUTC());
    private final Reachability registryReach = new Reachability("schema-registry", Clock.systemUTC());
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    private RunningRegistry() {}

    /// Creates or checks the topics, then starts the topology and the HTTP endpoint. On a failure everything that was
    /// started is stopped again.
    static RunningRegistry start(FirnConfig config) {
        RunningRegistry registry = new RunningRegistry();
        try {
            registry.run(config);
            return registry;
        } catch (RuntimeException e) {
            registry.close();
            throw e;
        }
    }

    private void run(FirnConfig config) {
        Namespace namespace = new Namespace(config.namespace());
        Topics.prepare(config, namespace);
        AvroCodec codec = opened(AvroCodec.forServices(Settings.schemaRegistryProperties(config)));
        OUTPUTS.forEach(topic -> topic.event().ifPresent(event -> codec.prepare(namespace.topic(topic), event)));
        AvroCodec inputs = opened(AvroCodec.forServices(
                askedOnce(Settings.schemaRegistryProperties(config)),
                DECODE_REST,
                config.registration().validationDeadline()));
        INPUTS.forEach(topic -> inputs.learn(namespace.topic(topic)));
        Topology topology = topology(config, namespace, wire(inputs, codec));
        RegistryStreams streams = opened(RegistryStreams.of(config, namespace, topology));
        opened(HealthEndpoint.start(config.http(), streams, List.of(trinoReach, registryReach)));
        streams.start();
    }

    /// What comes in is decoded on a thread with an open transaction, which ends after ten seconds. So the registry is
    /// asked once, not for long, and by one of the many tasks: [DecodeProcessor] keeps the record and asks again.
    private static Map<String, Object> askedOnce(Map<String, ?> registry) {
        Map<String, Object> properties = new HashMap<>(registry);
        properties.put("max.retries", 0);
        properties.putIfAbsent("http.read.timeout.ms", DECODE_WAIT.toMillis());
        return properties;
    }

    private Topology topology(FirnConfig config, Namespace namespace, RegistryTopology.Wire wire) {
        FirnConfig.Registration registration = config.registration();
        Catalogs catalogs = opened(Catalogs.of(
                Settings.catalogProperties(config),
                Settings.storageProperties(config),
                access(config),
                config.catalogTimeout()));
        TrinoClient trino = opened(new TrinoClient(
                config.trino().host(),
                config.trino().port(),
                config.trino().user(),
                config.trino().properties(),
                config.trino().queryTimeout(),
                trinoReach));
        TrinoViewValidator validator = opened(new TrinoViewValidator(
                trino, catalogs, registration.warningQueryRows(), registration.warningQueryTimeout()));
        Duration validationLimit =
                config.trino().queryTimeout().multipliedBy((long) QUERIES_IN_A_ROW * TrinoViewValidator.MAX_LOOKS);
        RegistryTopology.Work work = new RegistryTopology.Work(
                validator,
                validationLimit,
                opened(new WorkPool("validation", registration.validationThreads())),
                new CatalogObserver(catalogs),
                opened(new WorkPool("table-look", config.refresh().pollThreads())),
                new ResultsSpineStore(
                        catalogs, namespace.resultsFolder(config.results().location())),
                opened(new WorkPool("spine-write", 2)),
                RandomGenerator.getDefault());
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
        return bytes -> registryReach.watch(SchemaRegistryUnavailableException.class, () -> codec.decode(event, bytes));
    }

    private static <E extends SpecificRecord> Serializer<E> serializer(AvroCodec codec) {
        return new FirnAvroSerializer<>(codec);
    }

    private static Access access(FirnConfig config) {
        FirnConfig.Access access = config.access();
        return new Access(
                Set.copyOf(access.catalogs()),
                Set.copyOf(access.schemas().orElse(List.of())),
                access.spineLocations(),
                config.results().location());
    }

    private <P extends AutoCloseable> P opened(P part) {
        parts.push(part);
        return part;
    }

    /// Stops the parts, last started first.
    @Override
    public void close() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.atWarn()
                        .addKeyValue("part", part.getClass().getSimpleName())
                        .setCause(e)
                        .log("a part did not stop cleanly");
            }
        }
    }
}
