package dev.firn.service;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.embedded.StackUser;
import dev.firn.service.InputLag.Input;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Waiting;
import dev.firn.testkit.WithStack;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// The age of the oldest unanswered request, at a real broker.
@WithStack
final class InputLagIT {
    private static final Duration RETENTION = Duration.ofDays(7);

    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic = TestStack.namespace() + ".requests";
    private final Input input = new Input(TestStack.namespace() + ".group", topic, RETENTION);
    private final FirnConfig config;

    InputLagIT(TestStack stack) {
        admin = Admin.create(stack.kafka(StackUser.ADMIN));
        producer =
                new KafkaProducer<>(stack.kafka(StackUser.ADMIN), new ByteArraySerializer(), new ByteArraySerializer());
        Map<String, String> settings = new HashMap<>(Map.of("firn.health.lag-interval", "100ms"));
        settings.put("firn.kafka.bootstrap-servers", stack.addresses().bootstrapServers());
        stack.kafka(StackUser.ADMIN)
                .forEach((name, value) -> settings.put("firn.kafka.properties." + name, value.toString()));
        config = Settings.load(Map.of(), settings);
    }

    @BeforeEach
    void createTopic() throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
    }

    @AfterEach
    void close() {
        producer.close();
        admin.close();
    }

    @Test
    void isTheAgeOfTheOldestRecordThatIsNotAnswered() throws Exception {
        Instant now = Instant.now();
        try (InputLag lag = new InputLag(config, List.of(input), Clock.systemUTC())) {
            assertThat(lag.measure()).containsEntry(input, Duration.ZERO);

            send(0, now.minus(Duration.ofHours(5)));
            send(0, now.minus(Duration.ofHours(2)));
            send(1, now.minus(Duration.ofHours(1)));
            assertThat(hours(lag)).isEqualTo(5);

            answered(0, 1);
            assertThat(hours(lag)).isEqualTo(2);

            answered(0, 2);
            assertThat(hours(lag)).isEqualTo(1);

            answered(1, 1);
            assertThat(lag.measure()).containsEntry(input, Duration.ZERO);
        }
    }

    @Test
    void isAMeter() throws Exception {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        send(0, Instant.now().minus(Duration.ofHours(5)));
        try (LagWatch watch = new LagWatch(config, List.of(input), metrics)) {
            assertThat(gauge(metrics, "firn.input.lag.seconds")).isNaN();
            watch.start();

            Waiting.until(
                    Duration.ofSeconds(60),
                    () -> gauge(metrics, "firn.input.lag.seconds")
                            >= Duration.ofHours(5).toSeconds(),
                    "the lag");
            assertThat(gauge(metrics, "firn.input.retention.seconds")).isEqualTo((double) RETENTION.toSeconds());
        }
    }

    /// A stop is not a fault: nothing is logged with a trace, and no thread dies of an exception.
    @Test
    void stopsInTheMiddleOfAMeasurementWithoutATrace() throws Exception {
        send(0, Instant.now());
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        logged.start();
        root.addAppender(logged);
        List<Throwable> uncaught = new CopyOnWriteArrayList<>();
        Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> uncaught.add(fault));
        try {
            for (int i = 0; i < 10; i++) {
                SimpleMeterRegistry metrics = new SimpleMeterRegistry();
                LagWatch watch = new LagWatch(config, List.of(input), metrics).start();
                if (i % 2 == 1) {
                    Waiting.until(
                            Duration.ofSeconds(60), () -> gauge(metrics, "firn.input.lag.seconds") >= 0, "the lag");
                }
                watch.close();
            }
        } finally {
            root.detachAppender(logged);
            Thread.setDefaultUncaughtExceptionHandler(null);
        }

        assertThat(uncaught).isEmpty();
        assertThat(logged.list).noneMatch(event -> event.getThrowableProxy() != null);
    }

    private static double gauge(SimpleMeterRegistry metrics, String name) {
        return metrics.get(name).gauge().value();
    }

    private long hours(InputLag lag) throws Exception {
        return requireNonNull(lag.measure().get(input)).toHours();
    }

    private void send(int partition, Instant time) throws Exception {
        producer.send(new ProducerRecord<>(topic, partition, time.toEpochMilli(), null, new byte[] {1}))
                .get();
    }

    private void answered(int partition, long next) throws Exception {
        admin.alterConsumerGroupOffsets(
                        input.group(), Map.of(new TopicPartition(topic, partition), new OffsetAndMetadata(next)))
                .all()
                .get();
    }
}
