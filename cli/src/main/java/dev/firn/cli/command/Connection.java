package dev.firn.cli.command;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.lake.storage.Storage;
import dev.firn.schemas.KafkaPrincipal;
import dev.firn.schemas.Limits;
import dev.firn.schemas.MissingRight;
import dev.firn.schemas.MissingRightsException;
import dev.firn.schemas.Namespace;
import dev.firn.service.BrokerHosts;
import dev.firn.service.result.ResultLayout;
import dev.firn.service.result.ResultSweep;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.network.NetworkReceive;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The settings of the Firn that a command talks to, and clients for its parts.
///
/// @param where what to call it in messages
public record Connection(FirnConfig config, String where) {
    /// A person is waiting: a cluster that takes longer counts as unreachable.
    private static final int ANSWER_TIMEOUT_MILLIS = 15_000;

    /// How long a broker may take to accept a connection.
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

    private static final int DELIVERY_TIMEOUT_MILLIS = 30_000;

    public Namespace namespace() {
        return new Namespace(config.namespace());
    }

    /// A consumer without a group that reads committed records only.
    public Consumer<byte[], byte[]> consumer() {
        Map<String, Object> properties = kafka();
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return client(() -> new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /// A producer that waits for all in-sync replicas and sends at once.
    public Producer<byte[], byte[]> producer() {
        Map<String, Object> properties = kafka();
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        // Kafka requires a delivery timeout of at least the request timeout.
        properties.put(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                Math.max(
                        DELIVERY_TIMEOUT_MILLIS,
                        Integer.parseInt(String.valueOf(properties.get(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG)))));
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Limits.DEAD_LETTER_MESSAGE_BYTES);
        return client(() -> new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()));
    }

    public Admin admin() {
        return client(() -> Admin.create(kafka()));
    }

    /// Kafka reports a broker host that cannot be resolved as a wrong setting. For a person it is an unreachable
    /// cluster.
    private <C> C client(Supplier<C> create) {
        new Reachability(CONNECT_TIMEOUT).require(config.kafka().bootstrapServers());
        try {
            return create.get();
        } catch (KafkaException e) {
            if (e.getCause() instanceof ConfigException && BrokerHosts.noneResolves(config)) {
                throw CommandFailure.notReachable(
                        "Kafka: this machine cannot resolve any broker host of "
                                + config.kafka().bootstrapServers(),
                        e);
            }
            throw e;
        }
    }

    /// Makes a call. If it fails for a missing right, the failure names the principal and the topic or
    /// group: Kafka's own message often names none of them.
    ///
    /// @param operation what the call does with its topics
    public <T> T naming(AclOperation operation, Supplier<T> call) {
        try {
            return call.get();
        } catch (OutOfMemoryError e) {
            throw ofAnotherProtocol(e);
        } catch (TimeoutException e) {
            throw CommandFailure.notReachable(
                    "Kafka at %s did not answer in time: %s"
                            .formatted(config.kafka().bootstrapServers(), e.getMessage()),
                    e);
        } catch (KafkaException e) {
            throw refusal(e, operation)
                    .<RuntimeException>map(refused -> refused)
                    .orElse(e);
        }
    }

    /// Kafka's client takes the first four bytes of any answer for its size, and reserves that.
    private RuntimeException ofAnotherProtocol(OutOfMemoryError error) {
        boolean whileReceiving = Arrays.stream(error.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(NetworkReceive.class.getName()));
        if (!whileReceiving) {
            throw error;
        }
        return CommandFailure.notReachable(
                "What answers at %s does not speak Kafka's %s protocol. Check the port, and the setting firn.kafka.properties.security.protocol"
                        .formatted(
                                config.kafka().bootstrapServers(),
                                kafka().getOrDefault(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "PLAINTEXT")),
                error);
    }

    /// Empty if the fault is not about a right.
    public Optional<CommandFailure> refusal(Throwable fault, AclOperation operation) {
        List<MissingRight> missing =
                fault instanceof MissingRightsException rights ? rights.missing() : MissingRight.in(fault, operation);
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(CommandFailure.notReachable(
                        "Kafka: %s. firn rights prints what each role needs"
                                .formatted(MissingRight.sentence(KafkaPrincipal.of(kafka()), missing)),
                        fault));
    }

    public Storage storage() {
        return Storage.open(Settings.storageProperties(config));
    }

    /// Where the manifest of a request is written, whether it succeeds or fails.
    public String manifestOf(String requestId) {
        return results().manifest(requestId);
    }

    /// Where results are.
    public ResultLayout results() {
        return ResultLayout.of(config);
    }

    /// A sweep of the results with the limits of this deployment.
    public ResultSweep sweep(Storage storage, Clock clock) {
        return new ResultSweep(storage, results(), ResultSweep.Limits.of(config.results()), clock);
    }

    /// The properties that all Kafka clients share. The caller may change the map.
    Map<String, Object> kafka() {
        Map<String, Object> properties = new LinkedHashMap<>(Settings.kafkaProperties(config));
        properties.putIfAbsent(CommonClientConfigs.CLIENT_ID_CONFIG, namespace().clientId("cli", "firn"));
        properties.putIfAbsent(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_TIMEOUT_MILLIS);
        properties.putIfAbsent(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_TIMEOUT_MILLIS);
        // nobody looks at the metrics of a process that lives for a second
        properties.putIfAbsent(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, "");
        properties.putIfAbsent(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
        return properties;
    }
}
