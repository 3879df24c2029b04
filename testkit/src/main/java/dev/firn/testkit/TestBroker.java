package dev.firn.testkit;

import dev.firn.embedded.Broker;
import org.opentest4j.TestAbortedException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;

/// The broker under the integration tests, chosen by system property `firn.broker`.
final class TestBroker {
    private static final String IMAGE = "apache/kafka:4.3.1";
    private static final String MAX_MESSAGE_BYTES = Integer.toString(2 << 20);

    private TestBroker() {}

    static Broker chosen() {
        String choice = System.getProperty("firn.broker", "embedded");
        return switch (choice) {
            case "embedded" -> new Broker.Embedded();
            case "testcontainers" -> container();
            default ->
                throw new IllegalArgumentException(
                        "[firn.broker=%s] is neither embedded nor testcontainers".formatted(choice));
        };
    }

    /// Testcontainers removes it when this JVM ends.
    @SuppressWarnings("resource")
    private static Broker container() {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            throw new TestAbortedException("skipped: firn.broker=testcontainers, and there is no Docker engine here");
        }
        KafkaContainer kafka = new KafkaContainer(IMAGE)
                .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                .withEnv("KAFKA_MESSAGE_MAX_BYTES", MAX_MESSAGE_BYTES)
                .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                .withEnv("KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS", "1000");
        kafka.start();
        return new Broker.At(kafka.getBootstrapServers());
    }
}
