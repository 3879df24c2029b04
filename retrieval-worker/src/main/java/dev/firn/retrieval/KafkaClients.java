package dev.firn.retrieval;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.schemas.Namespace;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The worker's Kafka clients. `firn.kafka.properties.*` apply first; properties that correctness depends on override
/// them.
final class KafkaClients {
    private static final String ROLE = "retrieval-worker";

    /// How long the requests of a killed worker wait for another one. Kafka's default is 45 seconds, for consumers that
    /// process records between polls; a worker's thread only polls.
    private static final int SESSION_TIMEOUT_MILLIS = 10_000;

    private static final int PROGRESS_BLOCK_MILLIS = 5;
    private static final int PROGRESS_BUFFER_BYTES = 1 << 20;
    private static final int MAX_REQUEST_BYTES = 2 << 20;

    private final FirnConfig config;
    private final Namespace namespace;
    private final String instance;

    KafkaClients(FirnConfig config, Namespace namespace, String instance) {
        this.config = config;
        this.namespace = namespace;
        this.instance = instance;
    }

    Admin admin() {
        return Admin.create(common("admin"));
    }

    /// A consumer that shares partitions with the other workers of the group.
    ///
    /// @param use what it is for, as a part of its client id
    Consumer<byte[], byte[]> groupConsumer(String groupId, String use, int slots) {
        return new KafkaConsumer<>(
                groupProperties(groupId, use, slots), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    Map<String, Object> groupProperties(String groupId, String use, int slots) {
        Map<String, Object> properties = common(use);
        properties.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MILLIS);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, groupId);
        properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        properties.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, slots);
        return properties;
    }

    /// A consumer without a group, for the registry.
    Consumer<byte[], byte[]> registryConsumer() {
        Map<String, Object> properties = common("views");
        properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    Producer<byte[], byte[]> resultProducer() {
        Map<String, Object> properties = common("results");
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, "0");
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /// Neither blocks nor retries for long: progress may be lost.
    Producer<byte[], byte[]> progressProducer() {
        Map<String, Object> properties = common("progress");
        properties.put(ProducerConfig.ACKS_CONFIG, "1");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "false");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PROGRESS_BLOCK_MILLIS);
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, PROGRESS_BUFFER_BYTES);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 10_000);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private Map<String, Object> common(String use) {
        Map<String, Object> properties = new HashMap<>(Settings.kafkaProperties(config));
        properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, namespace.clientId(ROLE, use + "-" + instance));
        return properties;
    }
}
