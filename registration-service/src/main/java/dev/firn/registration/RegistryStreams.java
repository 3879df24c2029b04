package dev.firn.registration;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.registration.meter.KafkaMeters;
import dev.firn.schemas.Limits;
import dev.firn.schemas.Namespace;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The topology as it runs: exactly once, on the classic protocol, since the streams protocol cannot change a topology
/// yet. A thread that fails is replaced after a pause; what it did since its last commit is aborted and repeated.
final class RegistryStreams implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryStreams.class);
    private static final Duration PAUSE_BEFORE_REPLACEMENT = Duration.ofSeconds(1);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(15);
    /// How long the broker waits for a service that died before another takes its partitions.
    private static final int SESSION_TIMEOUT_MILLIS = 10_000;
    /// How long an idle thread waits for records. It delays a verdict by at most this much beyond its tick, and
    /// each wait that ends costs a round over all tasks.
    private static final long POLL_MILLIS = 50;
    /// State holds events in JSON, which takes a third more, and counts before compression. The largest entry is a
    /// standing retrieval's: its record, its run, its views and what waits, each at most about an event.
    private static final int MAX_STATE_BYTES = 8 * Limits.MESSAGE_BYTES;

    private final StoreMemory memory;
    private final StreamsIntake intake;
    private final KafkaStreams streams;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch failed = new CountDownLatch(1);
    private final KafkaStreamsMetrics metrics;

    private RegistryStreams(Topology topology, Properties properties, StoreMemory memory, StreamsIntake intake) {
        this.memory = memory;
        this.intake = intake;
        properties.put(StoreMemory.PROPERTY, memory);
        streams = new KafkaStreams(topology, properties);
        intake.bindTo(streams);
        metrics = new KafkaStreamsMetrics(streams);
        streams.setUncaughtExceptionHandler(this::replace);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.ERROR) {
                failed.countDown();
            }
        });
    }

    /// @param intake that the topology was made with
    static RegistryStreams of(FirnConfig config, Namespace namespace, Topology topology, StreamsIntake intake) {
        StoreMemory memory = new StoreMemory(config.state().memoryBytes());
        try {
            return new RegistryStreams(topology, properties(config, namespace), memory, intake);
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    static Properties properties(FirnConfig config, Namespace namespace) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.POLL_MS_CONFIG, POLL_MILLIS);
        properties.put(
                StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.registration().streamThreads());
        properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, config.kafka().replicationFactor());
        properties.put(StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG), MAX_STATE_BYTES);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), MAX_STATE_BYTES);
        // the only codec that every client reads: kafkajs needs add-ons for the others
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "gzip");
        properties.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        properties.put(
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), SESSION_TIMEOUT_MILLIS);
        for (Map.Entry<String, Object> passed : Settings.kafkaProperties(config).entrySet()) {
            properties.put(passed.getKey(), passed.getValue());
        }
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, namespace.applicationId());
        properties.put(StreamsConfig.CLIENT_ID_CONFIG, namespace.applicationId());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
        properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemory.Setter.class);
        properties.put(CommonClientConfigs.METRICS_RECORDING_LEVEL_CONFIG, "INFO");
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG,
                config.state().folder().resolve(namespace.stateFolderName()).toString());
        return properties;
    }

    void start() {
        streams.start();
    }

    /// Counts down when all threads have failed for good. Nothing restarts them, so the process must exit.
    CountDownLatch failed() {
        return failed;
    }

    /// @param showAllOfKafka whether to show all of Kafka's metrics, instead of the useful ones
    void bindTo(MeterRegistry registry, boolean showAllOfKafka) {
        if (!showAllOfKafka) {
            registry.config().meterFilter(KafkaMeters.useful());
        }
        Gauge.builder("firn.state.memory.used.bytes", memory, StoreMemory::usedBytes)
                .description("memory that all state stores use outside the heap")
                .register(registry);
        metrics.bindTo(registry);
    }

    boolean isLive() {
        return !streams.state().hasStartedOrFinishedShuttingDown();
    }

    /// Partitions are assigned, state is restored, and inputs are read.
    boolean isReady() {
        return streams.state() == KafkaStreams.State.RUNNING && !intake.isPaused();
    }

    String state() {
        return intake.isPaused() ? "PAUSED" : streams.state().name();
    }

    /// Runs on the thread that failed. The pause keeps a fault that recurs at once from becoming a busy loop.
    private StreamThreadExceptionResponse replace(Throwable fault) {
        if (endsTheProcess(fault)) {
            LOG.atError().setCause(fault).log("a stream thread failed, and the service ends");
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        LOG.atError().setCause(fault).log("a stream thread failed and is replaced");
        try {
            boolean stopped = closing.await(PAUSE_BEFORE_REPLACEMENT.toMillis(), TimeUnit.MILLISECONDS);
            return stopped
                    ? StreamThreadExceptionResponse.SHUTDOWN_CLIENT
                    : StreamThreadExceptionResponse.REPLACE_THREAD;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
    }

    /// After an error of the JVM, such as lack of memory or a class that cannot be loaded, only a new process is
    /// sure to work.
    static boolean endsTheProcess(Throwable fault) {
        for (@Nullable Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof VirtualMachineError || cause instanceof LinkageError) {
                return true;
            }
        }
        return false;
    }

    /// Leaves the group, so that another service takes over at once.
    @Override
    public void close() {
        closing.countDown();
        intake.close();
        metrics.close();
        boolean stopped = streams.close(CloseOptions.timeout(CLOSE_LIMIT)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        if (stopped) {
            memory.close();
        } else { // its stores may still be open
            LOG.atWarn().addKeyValue("limit", CLOSE_LIMIT).log("stream threads did not stop in time");
        }
    }
}
