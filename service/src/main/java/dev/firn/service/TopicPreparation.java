package dev.firn.service;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.schemas.Code;
import dev.firn.schemas.MissingRightsException;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.SchemaRegistrar;
import dev.firn.schemas.SchemaRegistryUnavailableException;
import dev.firn.schemas.TopicCatalogue;
import dev.firn.schemas.TopicCreator;
import dev.firn.schemas.TopicMismatchException;
import dev.firn.schemas.TopicSpec;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.RetriableException;

/// The topics and subjects of a deployment, created or checked before a service works.
///
/// While the broker or the schema registry is away, the service waits, says so in its log and its health, and
/// continues once they answer. It never exits for that, so no scheduler restarts it in a loop. It does exit
/// if topics or schemas are not as they must be: an operator has to decide.
public final class TopicPreparation {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final FirnConfig config;
    private final TopicCatalogue catalogue;
    private final KafkaRights rights;
    private final Neighbours neighbours;

    /// @param rights of this service
    /// @param neighbours records whether the broker and the schema registry answer
    public TopicPreparation(FirnConfig config, KafkaRights rights, Neighbours neighbours) {
        this.config = config;
        this.rights = rights;
        this.catalogue = TopicCatalogue.of(
                new Namespace(config.namespace()),
                config.kafka().retrievalPartitions(),
                config.kafka().partitions());
        this.neighbours = neighbours;
    }

    /// Returns once topics and subjects are as they must be.
    ///
    /// @throws ServiceRefusedException if they are not, and this service may not change them
    /// @throws ServiceStoppedException if the service is stopped while it waits
    public void await(Lifecycle lifecycle) {
        neighbours.broker().await(lifecycle, RetriableException.class, "topics", this::topics);
        neighbours
                .schemaRegistry()
                .await(lifecycle, SchemaRegistryUnavailableException.class, "schemas", this::schemas);
    }

    private boolean topics() {
        FirnConfig.Kafka kafka = config.kafka();
        try (Admin admin = admin()) {
            TopicCreator creator = new TopicCreator(admin, kafka.replicationFactor(), TIMEOUT);
            if (kafka.createTopics()) {
                creator.create(catalogue);
                rights.require(admin);
            } else {
                rights.require(admin);
                creator.check(own());
            }
            return true;
        } catch (TopicMismatchException e) {
            throw new ServiceRefusedException(Code.TOPIC_MISMATCH, String.valueOf(e.getMessage()));
        } catch (MissingRightsException e) {
            throw rights.refusal(e.missing());
        }
    }

    /// The topics that this service uses. It has no rights on the others.
    private List<TopicSpec> own() {
        return catalogue.topics().stream()
                .filter(spec -> rights.concern(spec.name()))
                .toList();
    }

    /// Kafka reports broker hosts that cannot be resolved as a wrong setting. A name that is not known yet, as while
    /// containers start, is a broker that is away.
    private Admin admin() {
        try {
            return Admin.create(Settings.kafkaProperties(config));
        } catch (KafkaException e) {
            if (e.getCause() instanceof ConfigException && BrokerHosts.noneResolves(config)) {
                throw new DisconnectException(
                        "no broker host of %s can be resolved"
                                .formatted(config.kafka().bootstrapServers()),
                        e);
            }
            throw e;
        }
    }

    private boolean schemas() {
        try (SchemaRegistrar registrar = new SchemaRegistrar(Settings.schemaRegistryProperties(config))) {
            if (config.kafka().createTopics()) {
                registrar.register(catalogue);
                return true;
            }
            List<String> missing = registrar.missing(own());
            if (!missing.isEmpty()) {
                throw new ServiceRefusedException(
                        Code.SCHEMA_MISSING,
                        "[firn.kafka.create-topics=false] the schema registry does not have this version's schemas of "
                                + missing);
            }
            return true;
        }
    }
}
