package dev.firn.registration;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.SchemaRegistrar;
import dev.firn.schemas.TopicCatalogue;
import dev.firn.schemas.TopicCreator;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;

/// The topics and subjects that the service needs, made or checked before it starts.
final class Topics {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private Topics() {}

    /// @throws RuntimeException when one is missing and may not be made, or is not as it must be
    static void prepare(FirnConfig config, Namespace namespace) {
        FirnConfig.Kafka kafka = config.kafka();
        TopicCatalogue catalogue = TopicCatalogue.of(namespace, kafka.retrievalPartitions(), kafka.partitions());
        try (Admin admin = Admin.create(Settings.kafkaProperties(config));
                SchemaRegistrar registrar = new SchemaRegistrar(Settings.schemaRegistryProperties(config))) {
            TopicCreator creator = new TopicCreator(admin, kafka.replicationFactor(), TIMEOUT);
            if (kafka.createTopics()) {
                creator.create(catalogue);
                registrar.register(catalogue);
            } else {
                creator.check(catalogue);
                List<String> missing = registrar.missing(catalogue);
                if (!missing.isEmpty()) {
                    throw new IllegalStateException(
                            "[firn.kafka.create-topics=false] the schema registry lacks this version's schemas of "
                                    + missing);
                }
            }
        }
    }
}
