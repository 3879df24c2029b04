package dev.firn.gateway.kafka;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.schemas.Limits;
import dev.firn.schemas.Namespace;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The gateway's Kafka clients. `firn.kafka.properties.*` apply first; properties that correctness depends on override
/// them.
public final class KafkaClients {
    private static final int MAX_FETCH_BYTES = 8 << 20;
    private static final int MAX_PARTITION_FETCH_BYTES = 2 << 20;
    private static final int BUFFER_BYTES = 16 << 20;

    private final FirnConfig config;
    private final Namespace namespace;
    private final String instance = UUID.randomUUID().toString().substring(0, 8);

    public KafkaClients(FirnConfig config) {
        this.config = config;
        this.namespace = new Namespace(config.namespace());
    }

    public Admin admin() {
        Map<String, Object> properties = common("admin");
        int limit = timeoutMillis();
        properties.put("default.api.timeout.ms", limit);
        properties.put("request.timeout.ms", limit);
        return Admin.create(properties);
    }

    /// A consumer without a group that reads committed records only. Fetches are small, so that a gateway needs little
    /// memory.
    public Consumer<byte[], byte[]> consumer() {
        Map<String, Object> properties = common("follower");
        properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, MAX_FETCH_BYTES);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, MAX_PARTITION_FETCH_BYTES);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /// A producer that waits for all in-sync replicas, sends at once, and gives up after `firn.gateway.kafka-timeout`.
    public Producer<byte[], byte[]> producer() {
        Map<String, Object> properties = common("requests");
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, "0");
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Limits.MESSAGE_BYTES);
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
        int limit = timeoutMillis();
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, limit);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, limit);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, limit);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private int timeoutMillis() {
        return Math.toIntExact(config.gateway().kafkaTimeout().toMillis());
    }

    private Map<String, Object> common(String use) {
        Map<String, Object> properties = new HashMap<>(Settings.kafkaProperties(config));
        properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, namespace.clientId("gateway", use + "-" + instance));
        return properties;
    }
}
