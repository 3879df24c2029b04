package dev.firn.gateway;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RetrievalCommand;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableHint;
import dev.firn.gateway.access.Callers;
import dev.firn.gateway.http.HttpServer;
import dev.firn.gateway.kafka.EventSender;
import dev.firn.gateway.kafka.Events;
import dev.firn.gateway.kafka.Follower;
import dev.firn.gateway.kafka.KafkaClients;
import dev.firn.lake.parquet.PageLimits;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.AccessRule;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.SchemaRegistryUnavailableException;
import dev.firn.schemas.Topic;
import dev.firn.service.CatalogFactory;
import dev.firn.service.Health;
import dev.firn.service.HealthEndpoint;
import dev.firn.service.KafkaRights;
import dev.firn.service.Lifecycle;
import dev.firn.service.Neighbours;
import dev.firn.service.TopicPreparation;
import io.micrometer.core.instrument.Gauge;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/// A running gateway: its parts, opened in the order in which they need each other.
final class GatewayRuntime implements AutoCloseable {
    private static final Duration SCHEMA_REST = Duration.ofSeconds(1);
    private static final Duration POSITIONS_PAUSE = Duration.ofMillis(50);
    private static final Duration SCHEMA_REFUSAL = Duration.ofMinutes(5);

    private final FirnConfig config;
    private final Lifecycle lifecycle;
    private final Clock clock;
    private final Namespace namespace;
    private final Neighbours neighbours;
    private final Opened opened;

    /// What others ask a running gateway for.
    private record Opened(Follower follower, HttpServer server, int healthPort) {}

    private GatewayRuntime(FirnConfig config, Lifecycle lifecycle, Clock clock) {
        this.config = config;
        this.lifecycle = lifecycle;
        this.clock = clock;
        this.namespace = new Namespace(config.namespace());
        this.neighbours = Neighbours.withoutCatalogs(config, clock);
        this.opened = open();
    }

    /// Starts a gateway. If that fails, everything that was started is stopped.
    ///
    /// @throws dev.firn.service.ServiceRefusedException when it must not work here
    static GatewayRuntime start(FirnConfig config, Clock clock) {
        Lifecycle lifecycle = new Lifecycle();
        try {
            return start(config, lifecycle, clock);
        } catch (RuntimeException e) {
            lifecycle.close();
            throw e;
        }
    }

    /// Starts a gateway whose parts `lifecycle` closes.
    static GatewayRuntime start(FirnConfig config, Lifecycle lifecycle, Clock clock) {
        return new GatewayRuntime(config, lifecycle, clock);
    }

    private Opened open() {
        // before anything else: a gateway that would be open to everyone must not listen for a moment
        Callers callers = Callers.of(config.gateway());
        Health health = new Health(neighbours);
        PageLimits.PROCESS.set(
                config.retrieval().maxPageBytes(),
                config.retrieval().pageMemoryBytes().orElse(PageLimits.MAX_OPEN_BYTES));
        HealthEndpoint endpoint = lifecycle.opened(HealthEndpoint.start(config.http(), health));
        Storage storage = lifecycle.opened(CatalogFactory.openStorage(config));
        KafkaRights rights = lifecycle.opened(new KafkaRights(config, AccessRule.Role.GATEWAY));
        new TopicPreparation(config, rights, neighbours).await(lifecycle);
        rights.watch(endpoint.metrics());
        AvroCodec codec = preparedCodec();
        KafkaClients kafka = new KafkaClients(config);
        EventSender sender = lifecycle.opened(new EventSender(kafka.producer(), codec, namespace));
        Follower follower = new Follower(namespace, kafka.consumer(), lifecycle.opened(kafka.admin()), clock);
        lifecycle.opened(follower);
        Heard heard = Heard.of(config.gateway(), codec, clock);
        heard.follow(follower, codec);
        Handlers.Parts parts = new Handlers.Parts(sender, storage, follower, heard, endpoint.metrics());
        Handlers.Served served = new Handlers(config, clock, lifecycle, parts).all(callers);
        Gauge.builder("firn.gateway.subscriptions", heard.events(), Events::open)
                .register(endpoint.metrics());
        neighbours.watch(lifecycle, storage, endpoint.metrics());
        // an answer to what is sent before the ends are taken would never be seen
        while (!follower.isReady() && follower.isAlive()) {
            lifecycle.pause(POSITIONS_PAUSE);
        }
        HttpServer server = lifecycle.opened(
                HttpServer.start(config.gateway(), callers, served.calls(), served.pages(), endpoint.metrics()));
        health.started(new GatewayHealth(follower));
        return new Opened(follower, server, endpoint.port());
    }

    /// A codec with all schemas that the gateway writes with, and the newest of those that it reads: once started, it
    /// works without the registry.
    private AvroCodec preparedCodec() {
        AvroCodec codec = lifecycle.opened(
                AvroCodec.forServices(Settings.schemaRegistryProperties(config), SCHEMA_REST, SCHEMA_REFUSAL));
        neighbours
                .schemaRegistry()
                .await(lifecycle, SchemaRegistryUnavailableException.class, "schemas to read and write", () -> {
                    Heard.TOPICS.forEach(topic -> codec.learn(namespace.topic(topic)));
                    codec.prepare(namespace.topic(Topic.REGISTRATION_REQUESTS), RegistrationRequest.class);
                    codec.prepare(namespace.topic(Topic.RETRIEVAL_REQUESTS), RetrievalRequest.class);
                    codec.prepare(namespace.topic(Topic.RETRIEVAL_COMMANDS), RetrievalCommand.class);
                    codec.prepare(namespace.topic(Topic.STANDING_REQUESTS), StandingRequest.class);
                    codec.prepare(namespace.topic(Topic.TABLE_HINTS), TableHint.class);
                    return true;
                });
        return codec;
    }

    /// Where calls are served.
    int port() {
        return opened.server().port();
    }

    int healthPort() {
        return opened.healthPort();
    }

    Follower follower() {
        return opened.follower();
    }

    /// Counts down when the topics can no longer be followed.
    CountDownLatch failed() {
        return opened.follower().failed();
    }

    @Override
    public void close() {
        lifecycle.close();
    }
}
