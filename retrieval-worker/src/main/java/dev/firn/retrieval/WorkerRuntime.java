package dev.firn.retrieval;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.engine.MemoryBudget;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalCommand;
import dev.firn.events.RetrievalProgress;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.catalog.Catalogs;
import dev.firn.lake.parquet.PageLimits;
import dev.firn.lake.scan.ScanPlan;
import dev.firn.lake.scan.ScanSettings;
import dev.firn.lake.scratch.Scratch;
import dev.firn.lake.storage.Storage;
import dev.firn.lake.targets.TargetTables;
import dev.firn.retrieval.answer.Answering;
import dev.firn.retrieval.answer.Cancelling;
import dev.firn.retrieval.answer.Codecs;
import dev.firn.retrieval.answer.CountedAnswers;
import dev.firn.retrieval.answer.KafkaAnswers;
import dev.firn.retrieval.answer.KafkaProgress;
import dev.firn.retrieval.answer.ManifestPins;
import dev.firn.retrieval.commit.TargetCommits;
import dev.firn.retrieval.intake.ConsumerGroupRequests;
import dev.firn.retrieval.intake.Lane;
import dev.firn.retrieval.intake.Parking;
import dev.firn.retrieval.intake.SlotTaker;
import dev.firn.retrieval.intake.Slots;
import dev.firn.retrieval.job.Refresh;
import dev.firn.retrieval.job.Retrieval;
import dev.firn.retrieval.job.RetrievalLimits;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.retrieval.registry.AdminEndOffsets;
import dev.firn.retrieval.registry.ViewRegistry;
import dev.firn.schemas.AccessRule;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Code;
import dev.firn.schemas.Limits;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.RequestDigest;
import dev.firn.schemas.SchemaRegistryUnavailableException;
import dev.firn.schemas.Topic;
import dev.firn.service.Backoff;
import dev.firn.service.CatalogFactory;
import dev.firn.service.Health;
import dev.firn.service.HealthEndpoint;
import dev.firn.service.InputLag;
import dev.firn.service.KafkaRights;
import dev.firn.service.LagWatch;
import dev.firn.service.Lifecycle;
import dev.firn.service.Neighbours;
import dev.firn.service.ServiceRefusedException;
import dev.firn.service.TopicPreparation;
import dev.firn.service.result.ResultLayout;
import dev.firn.service.result.ResultSweep;
import dev.firn.service.spine.StoredRows;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;

/// A running worker: its parts, opened in the order in which they need each other.
final class WorkerRuntime implements AutoCloseable {
    private static final Duration SCHEMA_WAIT = Duration.ofSeconds(2);
    private static final Duration SCHEMA_REST = Duration.ofSeconds(1);

    private final FirnConfig config;
    private final Lifecycle lifecycle;
    private final Clock clock;
    private final Namespace namespace;
    private final ResultLayout layout;
    private final String instance = UUID.randomUUID().toString().substring(0, 8);
    private final String worker = ProcessHandle.current().pid() + "-" + instance;
    private final Neighbours neighbours;
    private final Pollers pollers = new Pollers();
    private int httpPort;

    private WorkerRuntime(FirnConfig config, Lifecycle lifecycle, Clock clock) {
        this.config = config;
        this.lifecycle = lifecycle;
        this.clock = clock;
        this.namespace = new Namespace(config.namespace());
        this.layout = ResultLayout.of(config);
        this.neighbours = new Neighbours(config, clock);
    }

    /// Starts a worker. If that fails, everything that was started is stopped.
    ///
    /// @throws dev.firn.service.ServiceRefusedException when it must not work here
    static WorkerRuntime start(FirnConfig config, Clock clock) {
        Lifecycle lifecycle = new Lifecycle();
        try {
            return start(config, lifecycle, clock);
        } catch (RuntimeException e) {
            lifecycle.close();
            throw e;
        }
    }

    /// Starts a worker whose parts `lifecycle` closes.
    static WorkerRuntime start(FirnConfig config, Lifecycle lifecycle, Clock clock) {
        WorkerRuntime worker = new WorkerRuntime(config, lifecycle, clock);
        worker.open();
        return worker;
    }

    private void open() {
        Health health = new Health(neighbours);
        Scratch scratch = lifecycle.opened(Scratch.use(
                config.retrieval().scratch().folder().orElse(Path.of(System.getProperty("java.io.tmpdir"))),
                config.retrieval().scratch().quotaBytes()));
        PageLimits.PROCESS.set(
                config.retrieval().maxPageBytes(),
                config.retrieval().pageMemoryBytes().orElse(PageLimits.MAX_OPEN_BYTES));
        HealthEndpoint endpoint = lifecycle.opened(HealthEndpoint.start(config.http(), health));
        httpPort = endpoint.port();
        Catalogs catalogs = lifecycle.opened(
                CatalogFactory.open(config, endpoint.metrics(), WorkerMemory.metadataBytes(config), clock));
        neighbours.objectStore().await(lifecycle, LakeOutage.class, "proof of atomic PUTs", () -> {
            requireAtomicPut(catalogs.storage(), layout);
            return true;
        });
        KafkaRights rights = lifecycle.opened(new KafkaRights(config, AccessRule.Role.RETRIEVAL_WORKER));
        new TopicPreparation(config, rights, neighbours).await(lifecycle);
        rights.watch(endpoint.metrics());

        KafkaClients kafka = new KafkaClients(config, namespace, instance);
        Codecs codecs = new Codecs(preparedCodec());
        ViewRegistry views = lifecycle.opened(new ViewRegistry(
                new ViewRegistry.Source(
                        namespace.topic(Topic.FEATURE_VIEWS),
                        kafka.registryConsumer(),
                        new AdminEndOffsets(lifecycle.opened(kafka.admin()))),
                codecs.decoder(FeatureView.class),
                new ViewRegistry.Settings(
                        config.retrieval().resolveTimeout(), config.retrieval().undecodedViewRetry()),
                pollers.failed(),
                clock));
        views.start();

        long budgetBytes = WorkerMemory.jobBytes(config);
        MemoryBudget budget = new MemoryBudget(budgetBytes);
        Retrieval retrieval = new Retrieval(catalogs, budget, retrievalSettings());
        Answers answers = answers(kafka, codecs, views, catalogs, retrieval, endpoint.metrics());
        int slotCount = config.retrieval().slots();
        Slots slots = lifecycle.opened(new Slots(
                slotCount,
                new Slots.Express(
                        config.retrieval().expressSlots(), config.retrieval().expressTime()),
                () -> budget.available() > budgetBytes / (2L * slotCount),
                ProcessEnd::now));
        Parking parking = parking();
        // of its own: commands must not wait because many requests are parked
        Parking commandParking = parking();
        ParkedRequests parked = new ParkedRequests(parking, commandParking);
        SlotTaker taker = new SlotTaker(slots, parking, answers.answering()::turn);
        Slots commandThreads = lifecycle.opened(new Slots(
                "command", config.retrieval().commandThreads(), Slots.Express.NONE, () -> true, ProcessEnd::now));
        SlotTaker commandTaker = new SlotTaker(
                commandThreads,
                commandParking,
                (command, _) -> answers.cancelling().turn(command));
        lifecycle.opened(pollers);
        ConsumerGroupRequests requests =
                records(kafka, namespace.requestsGroupId(), "requests", Topic.RETRIEVAL_REQUESTS, Lane.REQUESTS);
        ConsumerGroupRequests runs = records(kafka, namespace.runsGroupId(), "runs", Topic.RETRIEVAL_RUNS, Lane.RUNS);
        ConsumerGroupRequests commands =
                records(kafka, namespace.commandsGroupId(), "commands", Topic.RETRIEVAL_COMMANDS, Lane.REQUESTS);
        bindMeters(endpoint.metrics(), slots, budget, views);
        parked.bindTo(endpoint.metrics());
        Gauge.builder("firn.retrieval.scratch.used.bytes", scratch, Scratch::usedBytes)
                .description("temporary files")
                .register(endpoint.metrics());
        Gauge.builder("firn.retrieval.page.memory.bytes", PageLimits.PROCESS, PageLimits::bytesOpen)
                .description("native memory of open pages")
                .register(endpoint.metrics());
        FunctionCounter.builder("firn.retrieval.index.ignored.files", ScanPlan.FILES_IGNORED_PARTS_OF, LongAdder::sum)
                .register(endpoint.metrics());
        taker.bindTo(endpoint.metrics());
        neighbours.watch(lifecycle, catalogs, endpoint.metrics());
        lifecycle.opened(new LagWatch(config, InputLag.Input.ofWorkers(namespace), endpoint.metrics()).start());
        health.started(new WorkerHealth(pollers, views, List.of(requests, runs, commands), parked));
        pollers.start("requests", requests, taker);
        pollers.start("runs", runs, taker);
        pollers.start("commands", commands, commandTaker);
        sweep(catalogs.storage(), endpoint.metrics());
        lifecycle.opened(() -> pollers.drain(config.retrieval().drainTimeout()));
    }

    private Parking parking() {
        return lifecycle.opened(new Parking(
                new Backoff(
                        config.retrieval().retryBackoff(), config.retrieval().retryBackoffMax()),
                config.retrieval().maxParkedBytes(),
                clock));
    }

    /// A codec with all schemas that the worker writes with, and the newest of those that it reads. The registry is
    /// asked once and not for long: whoever needs it tries again.
    private AvroCodec preparedCodec() {
        Map<String, Object> properties = new HashMap<>(Settings.schemaRegistryProperties(config));
        properties.put("max.retries", 0);
        properties.putIfAbsent("http.read.timeout.ms", SCHEMA_WAIT.toMillis());
        AvroCodec codec = lifecycle.opened(AvroCodec.forServices(
                properties, SCHEMA_REST, config.retrieval().outageLimit()));
        neighbours
                .schemaRegistry()
                .await(lifecycle, SchemaRegistryUnavailableException.class, "schemas to read and write", () -> {
                    codec.learn(namespace.topic(Topic.RETRIEVAL_REQUESTS));
                    codec.learn(namespace.topic(Topic.RETRIEVAL_COMMANDS));
                    codec.learn(namespace.topic(Topic.FEATURE_VIEWS));
                    codec.prepare(namespace.topic(Topic.RETRIEVAL_RESULTS), RetrievalResult.class);
                    codec.prepare(namespace.topic(Topic.RETRIEVAL_PROGRESS), RetrievalProgress.class);
                    return true;
                });
        return codec;
    }

    private void sweep(Storage storage, MeterRegistry metrics) {
        lifecycle
                .opened(new ResultSweeper(
                        new ResultSweeper.Place(
                                storage, layout, config.results().sweepInterval(), clock),
                        ResultSweep.Limits.of(config.results()),
                        worker,
                        metrics))
                .start();
    }

    private ConsumerGroupRequests records(KafkaClients kafka, String group, String use, Topic topic, Lane lane) {
        return lifecycle.opened(new ConsumerGroupRequests(
                kafka.groupConsumer(group, use, config.retrieval().slots()),
                Map.of(namespace.topic(topic), lane),
                config.retrieval().handoverTimeout()));
    }

    private Retrieval.Settings retrievalSettings() {
        ScanSettings scan =
                ScanSettings.DEFAULTS.withMaxFiles(config.retrieval().maxFilesPerScan());
        if (config.retrieval().scanThreads().isPresent()) {
            scan = scan.withThreads(config.retrieval().scanThreads().getAsInt());
        }
        return new Retrieval.Settings(
                new RetrievalLimits(
                        config.retrieval().maxViews(),
                        config.retrieval().maxColumns(),
                        config.retrieval().maxSpineRows(),
                        config.retrieval().tiesWarningPercent()),
                config.results().rowsPerFile(),
                scan,
                config.retrieval().retainFor().orElse(null),
                config.retrieval().memoryTimeout(),
                StoredRows.folder(config),
                new Refresh.Settings(
                        config.refresh().incremental(),
                        config.refresh().maxChangedPercent(),
                        layout.root(),
                        config.refresh().changes()),
                config.namespace());
    }

    /// Who answers requests, and who answers commands about them.
    private record Answers(Answering answering, Cancelling cancelling) {}

    private Answers answers(
            KafkaClients kafka,
            Codecs codecs,
            ViewRegistry views,
            Catalogs catalogs,
            Retrieval retrieval,
            MeterRegistry metrics) {
        String resultsTopic = namespace.topic(Topic.RETRIEVAL_RESULTS);
        String progressTopic = namespace.topic(Topic.RETRIEVAL_PROGRESS);
        KafkaAnswers kafkaAnswers = lifecycle.opened(new KafkaAnswers(
                kafka.resultProducer(),
                codecs.encoder(resultsTopic),
                resultsTopic,
                namespace.topic(Topic.DEAD_LETTERS),
                Limits.EVENT_BYTES,
                config.retrieval().answerTimeout()));
        KafkaProgress progress = lifecycle.opened(new KafkaProgress(
                kafka.progressProducer(), codecs.progressEncoder(progressTopic), progressTopic, clock));
        ResultStore results = new ResultStore(catalogs.storage(), layout, worker, clock);
        TargetCommits targets = new TargetCommits(
                new TargetTables(catalogs),
                results,
                config.namespace(),
                config.retrieval().targetTimeout(),
                clock);
        CountedAnswers sink = new CountedAnswers(kafkaAnswers, metrics);
        Answering.Settings settings = Answering.Settings.of(config.retrieval(), worker);
        Answering answering = new Answering(
                codecs.decoder(RetrievalRequest.class),
                RequestDigest::of,
                views,
                retrieval::run,
                results,
                new ManifestPins(catalogs, layout),
                targets::complete,
                sink,
                progress,
                settings,
                clock);
        return new Answers(
                answering,
                new Cancelling(codecs.decoder(RetrievalCommand.class), results, targets::noted, sink, settings, clock));
    }

    /// Without it, two workers could each decide an outcome, and announce two answers.
    static void requireAtomicPut(Storage storage, ResultLayout layout) {
        if (!storage.conditionalPutIsAtomic(layout.probeFolder())) {
            throw new ServiceRefusedException(
                    Code.STORE_NOT_ATOMIC,
                    "[%s] the store does not apply If-None-Match: * atomically, so two workers could answer one request differently."
                            .formatted(layout.root()));
        }
    }

    private static void bindMeters(MeterRegistry metrics, Slots slots, MemoryBudget budget, ViewRegistry views) {
        for (Lane lane : Lane.values()) {
            Gauge.builder("firn.retrieval.running", slots, s -> s.running(lane))
                    .tag("lane", lane.name())
                    .description("retrievals in progress")
                    .register(metrics);
        }
        Gauge.builder("firn.retrieval.memory.available.bytes", budget, MemoryBudget::available)
                .description("what is left of the memory budget")
                .register(metrics);
        Gauge.builder("firn.registry.views", views, ViewRegistry::size)
                .description("views in the copy of the registry")
                .register(metrics);
        Gauge.builder("firn.registry.views.undecoded", views, v -> v.undecoded().size())
                .description("views whose records cannot be decoded")
                .register(metrics);
    }

    int httpPort() {
        return httpPort;
    }

    /// Counts down when requests can no longer be polled, or views no longer be followed.
    CountDownLatch failed() {
        return pollers.failed();
    }

    /// Stops taking requests, lets running ones end within `firn.retrieval.drain-timeout`, cancels the others,
    /// and closes the parts, the last opened first.
    @Override
    public void close() {
        lifecycle.close();
    }
}
