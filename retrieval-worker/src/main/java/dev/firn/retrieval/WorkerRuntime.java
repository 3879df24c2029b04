package dev.firn.retrieval;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.engine.MemoryBudget;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalRequest;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.lake.storage.Storage;
import dev.firn.retrieval.answer.Answering;
import dev.firn.retrieval.answer.Codecs;
import dev.firn.retrieval.answer.KafkaAnswers;
import dev.firn.retrieval.answer.KafkaProgress;
import dev.firn.retrieval.answer.ManifestPins;
import dev.firn.retrieval.intake.ConsumerGroupRequests;
import dev.firn.retrieval.intake.Lane;
import dev.firn.retrieval.intake.RequestSource;
import dev.firn.retrieval.intake.SlotTaker;
import dev.firn.retrieval.intake.Slots;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.retrieval.job.RetrievalLimits;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.retrieval.registry.AdminEndOffsets;
import dev.firn.retrieval.registry.ViewRegistry;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Limits;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.RequestDigest;
import dev.firn.schemas.SchemaRegistrar;
import dev.firn.schemas.SchemaRegistryUnavailableException;
import dev.firn.schemas.Topic;
import dev.firn.schemas.TopicCatalogue;
import dev.firn.schemas.TopicCreator;
import dev.firn.schemas.TopicMismatchException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parts of a running worker and the order in which they start and stop.
final class WorkerRuntime implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerRuntime.class);

    private static final Duration TOPIC_TIMEOUT = Duration.ofSeconds(30);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<Thread> pollers = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean failed = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private int httpPort;

    private WorkerRuntime() {}

    /// @throws WorkerRefusedException when it must not work here
    static WorkerRuntime start(FirnConfig config, Clock clock) {
        WorkerRuntime runtime = new WorkerRuntime();
        try {
            runtime.open(config, clock);
            return runtime;
        } catch (RuntimeException e) {
            runtime.close();
            throw e;
        }
    }

    private void open(FirnConfig config, Clock clock) {
        Namespace namespace = new Namespace(config.namespace());
        String instance = UUID.randomUUID().toString().substring(0, 8);
        KafkaClients kafka = new KafkaClients(config, namespace, instance);
        Catalogs catalogs = opened(LakeOfConfig.catalogs(config));
        String root = namespace.resultsFolder(config.results().location());
        requireAtomicPut(catalogs.storage(), root);

        AvroCodec codec = opened(AvroCodec.forServices(
                Settings.schemaRegistryProperties(config),
                Duration.ZERO,
                config.retrieval().outageLimit()));
        Admin admin = opened(kafka.admin());
        prepareTopics(config, namespace, admin);
        codec.learn(namespace.topic(Topic.RETRIEVAL_REQUESTS));
        ViewRegistry views = opened(new ViewRegistry(
                namespace.topic(Topic.FEATURE_VIEWS),
                kafka.registryConsumer(),
                new AdminEndOffsets(admin),
                Codecs.decoder(codec, FeatureView.class),
                config.retrieval().resolveTimeout()));
        views.start();

        long budgetBytes = config.retrieval()
                .memoryBudgetBytes()
                .orElse(Runtime.getRuntime().maxMemory() / 2);
        MemoryBudget budget = new MemoryBudget(budgetBytes);
        Answering answering =
                answering(config, clock, namespace, kafka, catalogs, codec, views, budget, root, instance);
        Slots slots = opened(new Slots(
                config.retrieval().slots(),
                () -> budget.available()
                        > budgetBytes / (2L * config.retrieval().slots())));
        SlotTaker taker = new SlotTaker(slots, answering::answer);
        ConsumerGroupRequests requests = opened(new ConsumerGroupRequests(
                kafka.groupConsumer(
                        namespace.requestsGroupId(), config.retrieval().slots()),
                Map.of(namespace.topic(Topic.RETRIEVAL_REQUESTS), Lane.REQUESTS)));
        ConsumerGroupRequests runs = opened(new ConsumerGroupRequests(
                kafka.groupConsumer(namespace.runsGroupId(), config.retrieval().slots()),
                Map.of(namespace.topic(Topic.RETRIEVAL_RUNS), Lane.RUNS)));
        httpPort = endpoint(config, slots, budget, views, taker, List.of(requests, runs));
        poll("requests", requests, taker);
        poll("runs", runs, taker);
        log.atInfo()
                .addKeyValue("namespace", namespace.name())
                .addKeyValue("slots", config.retrieval().slots())
                .addKeyValue("memoryBudgetBytes", budgetBytes)
                .addKeyValue("httpPort", httpPort)
                .log("The retrieval worker is up");
    }

    private Answering answering(
            FirnConfig config,
            Clock clock,
            Namespace namespace,
            KafkaClients kafka,
            Catalogs catalogs,
            AvroCodec codec,
            ViewRegistry views,
            MemoryBudget budget,
            String root,
            String instance) {
        String resultsTopic = namespace.topic(Topic.RETRIEVAL_RESULTS);
        String progressTopic = namespace.topic(Topic.RETRIEVAL_PROGRESS);
        KafkaAnswers answers = opened(new KafkaAnswers(
                kafka.resultProducer(),
                Codecs.encoder(codec, resultsTopic),
                resultsTopic,
                namespace.topic(Topic.DEAD_LETTERS),
                Limits.EVENT_BYTES,
                config.retrieval().answerTimeout()));
        KafkaProgress progress = opened(new KafkaProgress(
                kafka.progressProducer(), event -> codec.encode(progressTopic, event), progressTopic, clock));
        ScanSettings scan = config.retrieval().scanThreads().isPresent()
                ? ScanSettings.DEFAULTS.withThreads(
                        config.retrieval().scanThreads().getAsInt())
                : ScanSettings.DEFAULTS;
        Retrieval retrieval = new Retrieval(
                catalogs,
                budget,
                new Retrieval.Settings(
                        new RetrievalLimits(
                                config.retrieval().maxViews(),
                                config.retrieval().maxColumns(),
                                config.retrieval().maxSpineRows()),
                        config.results().rowsPerFile(),
                        scan,
                        config.retrieval().retainFor().orElse(null),
                        config.retrieval().memoryTimeout()));
        String worker = ProcessHandle.current().pid() + "-" + instance;
        return new Answering(
                Codecs.decoder(codec, RetrievalRequest.class),
                RequestDigest::of,
                views,
                retrieval::run,
                new ResultStore(catalogs.storage(), root, worker, clock),
                new ManifestPins(catalogs, root),
                answers,
                progress,
                new Answering.Settings(
                        config.retrieval().maxAttempts(),
                        config.retrieval().retryBackoff(),
                        config.retrieval().retryBackoffMax(),
                        config.retrieval().outageLimit(),
                        worker),
                clock);
    }

    /// Missing topics are made, or refused where that is turned off; those that differ always are.
    private static void prepareTopics(FirnConfig config, Namespace namespace, Admin admin) {
        TopicCreator topics = new TopicCreator(admin, config.kafka().replicationFactor(), TOPIC_TIMEOUT);
        TopicCatalogue catalogue = TopicCatalogue.of(
                namespace, config.kafka().retrievalPartitions(), config.kafka().partitions());
        try {
            if (config.kafka().createTopics()) {
                topics.create(catalogue);
                registerSchemas(config, catalogue);
            } else {
                topics.check(catalogue);
            }
        } catch (TopicMismatchException e) {
            throw new WorkerRefusedException("TOPIC_MISMATCH", String.valueOf(e.getMessage()));
        }
    }

    /// A registry that is away holds nothing up: requests wait until it answers, and somebody may have
    /// registered them before.
    private static void registerSchemas(FirnConfig config, TopicCatalogue catalogue) {
        try (SchemaRegistrar registrar = new SchemaRegistrar(Settings.schemaRegistryProperties(config))) {
            registrar.register(catalogue);
        } catch (SchemaRegistryUnavailableException e) {
            log.atWarn().addKeyValue("fault", e.getMessage()).log("Schemas could not be registered");
        }
    }

    /// Two workers that both believed to have decided an outcome would announce two answers.
    static void requireAtomicPut(Storage storage, String root) {
        String folder = root + "/_probe";
        if (!storage.conditionalPutIsAtomic(folder)) {
            throw new WorkerRefusedException(
                    "STORE_NOT_ATOMIC",
                    "[%s] the store does not do If-None-Match: * atomically: two workers could give one request two answers."
                            .formatted(root));
        }
    }

    private int endpoint(
            FirnConfig config,
            Slots slots,
            MemoryBudget budget,
            ViewRegistry views,
            SlotTaker taker,
            List<ConsumerGroupRequests> sources) {
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        parts.push(metrics::close);
        new JvmMemoryMetrics().bindTo(metrics);
        JvmGcMetrics gc = opened(new JvmGcMetrics());
        gc.bindTo(metrics);
        for (Lane lane : Lane.values()) {
            Gauge.builder("firn.retrieval.running", slots, s -> s.running(lane))
                    .tag("lane", lane.name())
                    .register(metrics);
        }
        Gauge.builder("firn.retrieval.memory.available.bytes", budget, MemoryBudget::available)
                .register(metrics);
        Gauge.builder("firn.registry.views", views, ViewRegistry::size).register(metrics);
        taker.bindTo(metrics);
        HealthEndpoint endpoint = opened(new HealthEndpoint(
                config.http().host(),
                config.http().port(),
                () -> !failed.get(),
                () -> views.isReady() && sources.stream().allMatch(ConsumerGroupRequests::isHealthy),
                metrics));
        return endpoint.port();
    }

    private void poll(String name, RequestSource source, RequestSource.Taker taker) {
        pollers.add(Thread.ofPlatform().name("poll-" + name).start(() -> {
            try {
                source.run(taker);
            } catch (RuntimeException | Error e) {
                log.atError().setCause(e).addKeyValue("source", name).log("Requests cannot be polled any more");
                failed.set(true);
            } finally {
                ended.countDown();
            }
        }));
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        return part;
    }

    int httpPort() {
        return httpPort;
    }

    /// Waits until it no longer takes requests; true if by a failure.
    boolean awaitEnd() throws InterruptedException {
        ended.await();
        return failed.get();
    }

    /// Stops taking requests, gives up those that run, and closes the parts, the last opened first.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        log.atInfo().log("The retrieval worker stops");
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
                if (part instanceof RequestSource) {
                    joinPollers();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                log.atWarn()
                        .setCause(e)
                        .addKeyValue("part", part.getClass().getSimpleName())
                        .log("A part did not close");
            }
        }
    }

    /// Requests are given up when their source ends; only then can slots be emptied.
    private void joinPollers() throws InterruptedException {
        boolean sourcesLeft = parts.stream().anyMatch(RequestSource.class::isInstance);
        if (!sourcesLeft) {
            for (Thread poller : pollers) {
                poller.join(10_000);
            }
        }
    }
}
