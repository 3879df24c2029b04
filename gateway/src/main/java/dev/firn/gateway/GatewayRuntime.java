package dev.firn.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RetrievalCommand;
import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.StandingAction;
import dev.firn.events.StandingRequest;
import dev.firn.events.StandingRetrieval;
import dev.firn.events.TableCommit;
import dev.firn.events.TableHint;
import dev.firn.gateway.access.Callers;
import dev.firn.gateway.feature.FeatureCalls;
import dev.firn.gateway.feature.Warnings;
import dev.firn.gateway.http.Bodies;
import dev.firn.gateway.http.Call;
import dev.firn.gateway.http.HttpServer;
import dev.firn.gateway.http.Pages;
import dev.firn.gateway.http.Route;
import dev.firn.gateway.kafka.EventSender;
import dev.firn.gateway.kafka.Events;
import dev.firn.gateway.kafka.Follower;
import dev.firn.gateway.kafka.KafkaClients;
import dev.firn.gateway.kafka.Latest;
import dev.firn.gateway.kafka.Live;
import dev.firn.gateway.kafka.Recent;
import dev.firn.gateway.openapi.OpenApi;
import dev.firn.gateway.operation.DeadLetterNote;
import dev.firn.gateway.operation.OperationCalls;
import dev.firn.gateway.page.DeadLetterPage;
import dev.firn.gateway.page.PageCalls;
import dev.firn.gateway.page.Renderer;
import dev.firn.gateway.page.RetrievalPages;
import dev.firn.gateway.page.StandingPages;
import dev.firn.gateway.page.ViewPages;
import dev.firn.gateway.retrieval.Outcomes;
import dev.firn.gateway.retrieval.Previews;
import dev.firn.gateway.retrieval.RecentRetrievals;
import dev.firn.gateway.retrieval.RequestBody;
import dev.firn.gateway.retrieval.RequestRights;
import dev.firn.gateway.retrieval.ResultCalls;
import dev.firn.gateway.retrieval.RetrievalCalls;
import dev.firn.gateway.retrieval.UploadSweeper;
import dev.firn.gateway.retrieval.Uploads;
import dev.firn.gateway.standing.StandingCalls;
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
import dev.firn.service.result.ResultLayout;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

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
    private final Events events;
    private final Recent<TableCommit> commits;
    private final Recent<DeadLetterNote> deadLetters;
    private final RecentRetrievals retrievals;
    private final Warnings warnings = new Warnings();
    private final Opened opened;

    /// What others ask a running gateway for.
    private record Opened(Follower follower, HttpServer server, int healthPort) {}

    private GatewayRuntime(FirnConfig config, Lifecycle lifecycle, Clock clock) {
        this.config = config;
        this.lifecycle = lifecycle;
        this.clock = clock;
        this.namespace = new Namespace(config.namespace());
        this.neighbours = Neighbours.withoutCatalogs(config, clock);
        this.events = new Events(config.gateway().replayBytes());
        this.commits = new Recent<>(config.gateway().recentRecords());
        this.deadLetters = new Recent<>(config.gateway().recentRecords());
        this.retrievals = new RecentRetrievals(config.gateway().recentRecords(), clock);
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
        Latest<FeatureView> views = new Latest<>(codec, FeatureView.class);
        Latest<StandingRetrieval> standing = new Latest<>(codec, StandingRetrieval.class);
        Follower follower = new Follower(namespace, kafka.consumer(), lifecycle.opened(kafka.admin()), clock);
        lifecycle.opened(follower);
        follow(follower, codec, views, standing);
        Served served = new Handlers(sender, storage, follower, views, standing).all(callers, endpoint.metrics());
        Gauge.builder("firn.gateway.subscriptions", events, Events::open).register(endpoint.metrics());
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

    private void follow(
            Follower follower, AvroCodec codec, Latest<FeatureView> views, Latest<StandingRetrieval> standing) {
        Follower.From latest = new Follower.From.Latest(config.gateway().recentRecords());
        follower.add(Topic.FEATURE_VIEWS, new Follower.From.Beginning(), views);
        follower.add(Topic.STANDING_RETRIEVALS, new Follower.From.Beginning(), standing);
        follower.add(
                Topic.REGISTRATION_RESULTS,
                new Follower.From.End(),
                new Live<>(codec, RegistrationResult.class, events, warnings::arrived));
        follower.add(
                Topic.RETRIEVAL_RESULTS,
                new Follower.From.End(),
                new Live<>(codec, RetrievalResult.class, events, retrievals::arrived));
        follower.add(
                Topic.RETRIEVAL_PROGRESS,
                new Follower.From.End(),
                new Live<>(codec, RetrievalProgress.class, events, retrievals::arrived));
        follower.add(Topic.TABLE_COMMITS, latest, new Live<>(codec, TableCommit.class, events, commits::add));
        follower.add(Topic.DEAD_LETTERS, latest, record -> deadLetters.add(DeadLetterNote.of(record)));
        follower.start();
    }

    /// A codec with all schemas that the gateway writes with, and the newest of those that it reads: once started, it
    /// works without the registry.
    private AvroCodec preparedCodec() {
        AvroCodec codec = lifecycle.opened(
                AvroCodec.forServices(Settings.schemaRegistryProperties(config), SCHEMA_REST, SCHEMA_REFUSAL));
        neighbours
                .schemaRegistry()
                .await(lifecycle, SchemaRegistryUnavailableException.class, "schemas to read and write", () -> {
                    for (Topic topic : new Topic[] {
                        Topic.FEATURE_VIEWS,
                        Topic.STANDING_RETRIEVALS,
                        Topic.REGISTRATION_RESULTS,
                        Topic.RETRIEVAL_RESULTS,
                        Topic.RETRIEVAL_PROGRESS,
                        Topic.TABLE_COMMITS
                    }) {
                        codec.learn(namespace.topic(topic));
                    }
                    codec.prepare(namespace.topic(Topic.REGISTRATION_REQUESTS), RegistrationRequest.class);
                    codec.prepare(namespace.topic(Topic.RETRIEVAL_REQUESTS), RetrievalRequest.class);
                    codec.prepare(namespace.topic(Topic.RETRIEVAL_COMMANDS), RetrievalCommand.class);
                    codec.prepare(namespace.topic(Topic.STANDING_REQUESTS), StandingRequest.class);
                    codec.prepare(namespace.topic(Topic.TABLE_HINTS), TableHint.class);
                    return true;
                });
        return codec;
    }

    /// What the server serves.
    private record Served(Map<Route, Call.Handler> calls, Pages pages) {}

    /// Makes the handler of each route, and the pages.
    private final class Handlers {
        private final EventSender sender;
        private final Storage storage;
        private final Follower follower;
        private final Latest<FeatureView> views;
        private final Latest<StandingRetrieval> standing;

        Handlers(
                EventSender sender,
                Storage storage,
                Follower follower,
                Latest<FeatureView> views,
                Latest<StandingRetrieval> standing) {
            this.sender = sender;
            this.storage = storage;
            this.follower = follower;
            this.views = views;
            this.standing = standing;
        }

        Served all(Callers callers, MeterRegistry metrics) {
            FirnConfig.Gateway settings = config.gateway();
            Duration heartbeat = settings.heartbeat();
            Semaphore readers = new Semaphore(settings.readers());
            Bodies bodies = new Bodies(settings.maxBodyBytes(), clock);
            Outcomes outcomes = new Outcomes(storage, ResultLayout.of(config), settings.maxManifestBytes(), readers);
            RequestRights rights = new RequestRights(outcomes, Settings.uploadsLocation(config));
            RequestBody requestBody = requestBody(bodies, metrics);
            FeatureCalls.Registry registry = new FeatureCalls.Registry(views, follower, settings.kafkaTimeout());
            FeatureCalls features = new FeatureCalls(sender, events, registry, bodies, settings.answerWait());
            RetrievalCalls retrieving = new RetrievalCalls(sender, events, outcomes, requestBody, rights, retrievals);
            Previews previews = new Previews(storage, readers);
            ResultCalls results = new ResultCalls(storage, outcomes, previews, settings.maxPreviewRows());
            StandingCalls.Registry standingRegistry =
                    new StandingCalls.Registry(standing, follower, settings.kafkaTimeout());
            StandingCalls standings = new StandingCalls(
                    sender, events, standingRegistry, bodies, requestBody, rights, settings.answerWait());
            sweep(outcomes, standingRegistry, metrics);
            OperationCalls operations = new OperationCalls(sender, events, commits, deadLetters, bodies);
            ObjectNode openApi = OpenApi.document();
            Map<Route, Call.Handler> handlers = new EnumMap<>(Route.class);
            for (Route route : Route.values()) {
                handlers.put(
                        route,
                        switch (route) {
                            case REGISTER -> features::register;
                            case LIST_VIEWS -> features::list;
                            case GET_VIEW -> features::show;
                            case DROP_VIEW -> features::drop;
                            case RETRIEVE -> retrieving::ask;
                            case GET_RETRIEVAL -> retrieving::show;
                            case CANCEL_RETRIEVAL -> call -> retrieving.cancel(call, settings.answerWait());
                            case RETRIEVAL_EVENTS -> call -> retrieving.follow(call, heartbeat);
                            case GET_FILE -> results::file;
                            case GET_CHANGES -> results::changes;
                            case GET_ROWS -> results::rows;
                            case LIST_STANDING -> standings::list;
                            case GET_STANDING -> standings::show;
                            case CREATE_STANDING -> standings::create;
                            case CANCEL_STANDING -> call -> standings.act(call, StandingAction.CANCEL);
                            case RUN_STANDING -> call -> standings.act(call, StandingAction.RUN);
                            case SUSPEND_STANDING -> call -> standings.act(call, StandingAction.SUSPEND);
                            case RESUME_STANDING -> call -> standings.act(call, StandingAction.RESUME);
                            case STANDING_EVENTS -> call -> standings.follow(call, heartbeat);
                            case LIST_COMMITS -> operations::commits;
                            case COMMIT_EVENTS -> call -> operations.followCommits(call, heartbeat);
                            case LIST_DEAD_LETTERS -> operations::deadLetters;
                            case HINT -> operations::hint;
                            case OPEN_API -> call -> call.answer(200, openApi);
                        });
            }
            Renderer renderer = new Renderer(callers, namespace.name(), clock);
            PageCalls pages = new PageCalls(
                    renderer,
                    new ViewPages(renderer, registry, standingRegistry, operations, warnings),
                    new RetrievalPages(renderer, retrieving, previews, settings.maxPreviewRows()),
                    new StandingPages(renderer, standingRegistry, retrieving),
                    new DeadLetterPage(renderer, operations));
            return new Served(handlers, pages);
        }

        private void sweep(Outcomes outcomes, StandingCalls.Registry standingRegistry, MeterRegistry metrics) {
            FirnConfig.Results results = config.results();
            results.uploadsTtl()
                    .ifPresent(ttl -> lifecycle
                            .opened(new UploadSweeper(
                                    outcomes,
                                    storage,
                                    new UploadSweeper.Settings(
                                            Settings.uploadsLocation(config),
                                            ttl,
                                            results.sweepInterval(),
                                            results.leftoversAfter()),
                                    standingRegistry::complete,
                                    clock,
                                    metrics))
                            .start());
        }

        private RequestBody requestBody(Bodies bodies, MeterRegistry metrics) {
            FirnConfig.Gateway settings = config.gateway();
            Path scratch = settings.uploadFolder().orElse(Path.of(System.getProperty("java.io.tmpdir")));
            Uploads uploads = new Uploads(
                    storage,
                    new Uploads.Settings(
                            Settings.uploadsLocation(config),
                            scratch,
                            settings.maxUploadBytes(),
                            settings.uploadQuotaBytes()));
            Gauge.builder("firn.gateway.upload.bytes", uploads, Uploads::bytesInUse)
                    .register(metrics);
            return new RequestBody(bodies, uploads, scratch, settings.maxUploadBytes());
        }
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
