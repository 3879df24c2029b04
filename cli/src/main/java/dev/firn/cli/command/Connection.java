package dev.firn.cli.command;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.Namespace;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// Settings of the Firn that a command talks to, and clients of its parts.
///
/// @param where what people call it
public record Connection(FirnConfig config, String where) {
    /// A person waits: a cluster that says nothing for so long counts as away.
    private static final int ANSWER_LIMIT_MILLIS = 15_000;

    public Namespace namespace() {
        return new Namespace(config.namespace());
    }

    /// A reader in no group, of committed records only.
    public Consumer<byte[], byte[]> consumer() {
        Map<String, Object> properties = kafka();
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    public Admin admin() {
        return Admin.create(kafka());
    }

    public Storage storage() {
        return Storage.open(Settings.storageProperties(config));
    }

    /// Where the outcome of a request is written, whatever it is.
    public String manifestOf(String requestId) {
        return "%s/%s/_manifest.json"
                .formatted(namespace().resultsFolder(config.results().location()), requestId);
    }

    /// What every Kafka client of the command is made with.
    public Map<String, Object> kafka() {
        Map<String, Object> properties = new LinkedHashMap<>(Settings.kafkaProperties(config));
        properties.putIfAbsent(CommonClientConfigs.CLIENT_ID_CONFIG, namespace().clientId("cli", "firn"));
        properties.putIfAbsent(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_LIMIT_MILLIS);
        properties.putIfAbsent(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_LIMIT_MILLIS);
        return properties;
    }
}
