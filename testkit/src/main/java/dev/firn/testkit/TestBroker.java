package dev.firn.testkit;

import dev.firn.embedded.Broker;
import java.util.Optional;
import org.opentest4j.TestAbortedException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;

/// The broker of the integration tests, chosen by the system property `firn.broker`.
final class TestBroker {
    private static final String IMAGE = "apache/kafka:4.3.1";
    private static final String MAX_MESSAGE_BYTES = Integer.toString(2 << 20);

    private TestBroker() {}

    static Broker chosen() {
        String choice = choice();
        return switch (choice) {
            case "embedded" -> new Broker.Secured();
            case "open" -> new Broker.Embedded();
            case "testcontainers" -> container();
            default ->
                throw new IllegalArgumentException(
                        "[firn.broker=%s] must be embedded, open or testcontainers".formatted(choice));
        };
    }

    /// Why the chosen broker cannot run here; empty if it can.
    static Optional<String> unavailableReason() {
        return choice().equals("testcontainers")
                        && !DockerClientFactory.instance().isDockerAvailable()
                ? Optional.of("skipped: firn.broker=testcontainers needs a Docker engine")
                : Optional.empty();
    }

    private static String choice() {
        return System.getProperty("firn.broker", "embedded");
    }

    /// Testcontainers removes the container when this JVM exits.
    @SuppressWarnings("resource")
    private static Broker container() {
        unavailableReason().ifPresent(reason -> {
            throw new TestAbortedException(reason);
        });
        KafkaContainer kafka = new KafkaContainer(IMAGE)
                .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                .withEnv("KAFKA_MESSAGE_MAX_BYTES", MAX_MESSAGE_BYTES)
                .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                .withEnv("KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS", "1000");
        kafka.start();
        return new Broker.At(kafka.getBootstrapServers());
    }
}
