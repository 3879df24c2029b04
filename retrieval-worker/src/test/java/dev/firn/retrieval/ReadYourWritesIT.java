package dev.firn.retrieval;

import static dev.firn.retrieval.WorkerStack.request;
import static dev.firn.retrieval.job.Given.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.embedded.StackUser;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A retrieval sees every view that was written to the registry before it, even if the transaction is still open.
final class ReadYourWritesIT {
    private WorkerStack stack;
    private FeatureView view;

    @BeforeEach
    void start() {
        stack = new WorkerStack();
        Table facts = stack.lake.table("facts", "id long, event timestamptz, value int");
        stack.lake.append(facts, "1 | 2024-01-01 | 10");
        view = stack.lake.view(facts, List.of("id"), List.of("value")).build();
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void aRequestWaitsForAnOpenTransactionOnTheRegistry() {
        try (WorkerRuntime worker = stack.worker();
                KafkaProducer<byte[], byte[]> registry = transactional();
                WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
            registry.initTransactions();
            registry.beginTransaction();
            write(registry);
            stack.send(
                    Topic.RETRIEVAL_REQUESTS,
                    "early",
                    request("early", ids("id", "1"), "facts:value").build());
            results.poll(Duration.ofSeconds(2));
            assertThat(results.results("early")).isEmpty();

            registry.commitTransaction();
            RetrievalResult result = results.result("early");
            assertThat(result.getStatus()).as(result.getMessage()).isEqualTo(RetrievalStatus.SUCCEEDED);
            assertThat(worker.httpPort()).isPositive();
        }
    }

    @Test
    void aTransactionThatStaysOpenIsATransientFaultAndNeverAnUnknownView() {
        try (WorkerRuntime worker = stack.worker("firn.retrieval.resolve-timeout", "500ms");
                KafkaProducer<byte[], byte[]> registry = transactional();
                WorkerStack.Tail results = stack.tail(Topic.RETRIEVAL_RESULTS)) {
            registry.initTransactions();
            registry.beginTransaction();
            write(registry);
            stack.send(
                    Topic.RETRIEVAL_REQUESTS,
                    "stuck",
                    request("stuck", ids("id", "1"), "facts:value").build());
            results.poll(Duration.ofSeconds(3));
            assertThat(results.results("stuck")).isEmpty();

            registry.abortTransaction();
            assertThat(results.result("stuck").getCode()).isEqualTo("UNKNOWN_VIEW");
            assertThat(worker.httpPort()).isPositive();
        }
    }

    private void write(KafkaProducer<byte[], byte[]> registry) {
        String topic = stack.namespace.topic(Topic.FEATURE_VIEWS);
        var sent = registry.send(
                new ProducerRecord<>(topic, "facts".getBytes(StandardCharsets.UTF_8), stack.codec.encode(topic, view)));
        registry.flush();
        assertThat(sent).isDone();
    }

    private KafkaProducer<byte[], byte[]> transactional() {
        Map<String, Object> properties = stack.addresses.kafkaProperties(StackUser.REGISTRATION_SERVICE);
        properties.put("transactional.id", stack.namespace.applicationId() + "-test");
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
