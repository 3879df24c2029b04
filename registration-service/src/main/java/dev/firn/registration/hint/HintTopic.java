package dev.firn.registration.hint;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.service.Backoff;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads one topic with hints and puts them on the [HintBoard].
///
/// The topic is somebody else's: it may not exist, may not be read, and may hold anything. None of that
/// reaches the rest of the service, apart from a record that unpacks to more than there is memory for: Kafka
/// unpacks it before its size can be known. Kafka Streams cannot promise that of a source: one that is missing or
/// denied stops the whole topology. So this is a consumer of its own, on a thread of its own, without a
/// group: it commits nothing and starts at the end, because a task that starts looks at all of its tables
/// anyway.
///
/// Whatever goes wrong, the consumer is closed and another one begins at the end of the topic after a pause.
public final class HintTopic implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HintTopic.class);
    private static final Backoff PAUSES = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
    private static final Duration LOG_INTERVAL = Duration.ofMinutes(1);
    private static final int FETCH_BYTES = 4 * 1024 * 1024;
    /// They are unpacked together, and compressed ones may be large.
    private static final int POLL_RECORDS = 50;
    private static final String READING = "reading ";

    private final String name;
    private final FirnConfig config;
    private final FirnConfig.HintSource source;
    private final HintBoard board;
    private final RegistryMeters meters;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;
    private volatile String state;
    private long nextLogNanos = System.nanoTime();

    /// @param name of the source in the settings
    public HintTopic(
            String name, FirnConfig.HintSource source, FirnConfig config, HintBoard board, RegistryMeters meters) {
        this.name = name;
        this.config = config;
        this.source = source;
        this.board = board;
        this.meters = meters;
        this.state = "starting";
        this.thread = Thread.ofPlatform().daemon().name("hints-" + name).unstarted(this::run);
    }

    public HintTopic start() {
        thread.start();
        return this;
    }

    public String name() {
        return name;
    }

    /// What it does at present, for people.
    public String state() {
        return state;
    }

    private void run() {
        Backoff.Pauses pauses = PAUSES.pauses();
        while (!isClosing(Duration.ZERO)) {
            try (KafkaConsumer<byte[], byte[]> opened = open()) {
                consumer = opened;
                follow(opened, pauses);
            } catch (WakeupException | InterruptException e) {
                return; // only closing wakes it up
            } catch (AuthorizationException e) {
                stopped("the brokers do not let this service read %s".formatted(source.topic()), e);
            } catch (RuntimeException | Error e) {
                // an error in a client's library must not end the reading without a word
                stopped("reading %s failed".formatted(source.topic()), e);
            } finally {
                consumer = null;
            }
            if (isClosing(pauses.next())) {
                return;
            }
        }
    }

    private KafkaConsumer<byte[], byte[]> open() {
        Map<String, Object> properties = Settings.kafkaProperties(config);
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, config.namespace() + "-hints-" + name);
        properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void follow(KafkaConsumer<byte[], byte[]> opened, Backoff.Pauses pauses) {
        HintPartitions partitions = new HintPartitions(opened, source.topic());
        RecordFormat format = RecordFormat.of(source, config.hints().maxRecordBytes());
        while (true) {
            long cpuBefore = cpuNanos();
            if (!partitions.refresh()) {
                stopped("the topic %s does not exist".formatted(source.topic()), null);
                if (isClosing(pauses.next())) {
                    return;
                }
                continue;
            }
            goesOn();
            ConsumerRecords<byte[], byte[]> records = opened.poll(POLL);
            records.forEach(record -> hear(format, record));
            if (!records.isEmpty()) {
                pauses.reset();
                count(HintOutcome.SKIPPED, partitions.skipOld(config.hints().maxLag()));
            }
            if (isClosing(rest(cpuNanos() - cpuBefore))) {
                return;
            }
        }
    }

    private void hear(RecordFormat format, ConsumerRecord<byte[], byte[]> record) {
        Reading reading = format.read(record.headers(), record.value());
        count(reading.outcome(), 1);
        for (Hint hint : reading.hints()) {
            if (!board.put(hint)) {
                count(HintOutcome.SKIPPED, 1);
            }
        }
        boolean isUnreadable =
                reading.outcome() == HintOutcome.UNDECODABLE || reading.outcome() == HintOutcome.TOO_LARGE;
        if (isUnreadable && System.nanoTime() - nextLogNanos >= 0) {
            nextLogNanos = System.nanoTime() + LOG_INTERVAL.toNanos();
            LOG.atWarn()
                    .addKeyValue("topic", record.topic())
                    .addKeyValue("partition", record.partition())
                    .addKeyValue("offset", record.offset())
                    .addKeyValue("format", source.format())
                    .addKeyValue("outcome", reading.outcome())
                    .log("a record is not a hint of this format; for a minute, further ones are only counted");
        }
    }

    private void count(HintOutcome outcome, long records) {
        meters.hints(name, outcome, records);
    }

    /// How long to rest after some work, so that it takes no more than its share of a core.
    private Duration rest(long cpuNanos) {
        int percent = config.hints().cpuPercent();
        return Duration.ofNanos(Math.max(0, cpuNanos) * (100 - percent) / percent);
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private void goesOn() {
        String now = READING + source.topic();
        if (!state.equals(now)) {
            state = now;
            LOG.atInfo().addKeyValue("topic", source.topic()).log("hints are read");
        }
    }

    private void stopped(String reason, @Nullable Throwable cause) {
        if (!state.equals(reason)) {
            state = reason;
            LOG.atWarn()
                    .setCause(cause)
                    .addKeyValue("topic", source.topic())
                    .addKeyValue("reason", reason)
                    .log("hints are not read; commits are found at the next check of each table");
        }
    }

    private boolean isClosing(Duration pause) {
        try {
            return closing.await(pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public void close() {
        closing.countDown();
        KafkaConsumer<byte[], byte[]> open = consumer;
        if (open != null) {
            open.wakeup();
        }
        try {
            thread.join(CLOSE_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
