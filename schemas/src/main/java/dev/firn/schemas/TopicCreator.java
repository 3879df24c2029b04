package dev.firn.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;

/// Creates the topics of a deployment. Idempotent, and safe if several services start at once. Existing topics are
/// compared and never altered, because changing the partitions or the cleanup policy of a topic moves or loses records.
///
/// Retention is not compared, since operators may choose it; a larger `max.message.bytes` than needed is fine.
public final class TopicCreator {
    private final Admin admin;
    private final Duration timeout;
    private final Optional<Short> replicationFactor;

    /// @param admin closed by the caller
    /// @param replicationFactor of topics to create; -1 for the broker's default
    /// @param timeout longest wait for one answer from the cluster
    public TopicCreator(Admin admin, int replicationFactor, Duration timeout) {
        this.admin = admin;
        this.timeout = timeout;
        this.replicationFactor = replicationFactor < 0 ? Optional.empty() : Optional.of((short) replicationFactor);
    }

    /// Creates what is missing.
    ///
    /// @return names of the topics that this call created
    /// @throws TopicMismatchException if an existing topic differs; nothing is created then
    public List<String> create(TopicCatalogue catalogue) {
        List<TopicMismatch> mismatches = mismatches(catalogue);
        refuse(mismatches.stream().filter(m -> m.code() != Code.TOPIC_MISSING).toList());
        Set<String> missing = mismatches.stream().map(TopicMismatch::topic).collect(Collectors.toSet());
        List<String> created = createMissing(catalogue.topics().stream()
                .filter(spec -> missing.contains(spec.name()))
                .toList());
        if (created.size() < missing.size()) {
            check(catalogue);
        }
        return created;
    }

    /// Compares and changes nothing.
    ///
    /// @throws TopicMismatchException if a topic is missing or differs
    public void check(TopicCatalogue catalogue) {
        refuse(mismatches(catalogue));
    }

    private static void refuse(List<TopicMismatch> mismatches) {
        if (!mismatches.isEmpty()) {
            throw new TopicMismatchException(mismatches);
        }
    }

    private List<String> createMissing(List<TopicSpec> specs) {
        var results = admin.createTopics(specs.stream()
                        .map(spec -> new NewTopic(spec.name(), Optional.of(spec.partitions()), replicationFactor)
                                .configs(spec.configs()))
                        .toList())
                .values();
        var created = new ArrayList<String>();
        for (TopicSpec spec : specs) {
            try {
                await(Objects.requireNonNull(results.get(spec.name()), spec.name()));
                created.add(spec.name());
            } catch (TopicExistsException e) {
                // another service was faster; `create` compares the topic then
            }
        }
        return created;
    }

    private List<TopicMismatch> mismatches(TopicCatalogue catalogue) {
        Set<String> existing = await(admin.listTopics().names());
        List<String> known = catalogue.topics().stream()
                .map(TopicSpec::name)
                .filter(existing::contains)
                .toList();
        Map<String, TopicDescription> descriptions =
                await(admin.describeTopics(known).allTopicNames());
        Map<ConfigResource, Config> configs =
                await(admin.describeConfigs(resources(known)).all());
        var mismatches = new ArrayList<TopicMismatch>();
        for (TopicSpec spec : catalogue.topics()) {
            TopicDescription description = descriptions.get(spec.name());
            if (description == null) {
                mismatches.add(new TopicMismatch(spec.name(), Code.TOPIC_MISSING, "a topic", "none"));
            } else {
                mismatches.addAll(differences(
                        spec,
                        description.partitions().size(),
                        Objects.requireNonNull(configs.get(resource(spec.name())), spec.name())));
            }
        }
        return mismatches;
    }

    private static List<TopicMismatch> differences(TopicSpec spec, int partitions, Config config) {
        var found = new ArrayList<TopicMismatch>();
        if (partitions != spec.partitions()) {
            found.add(mismatch(spec, Code.PARTITIONS, spec.partitions(), partitions));
        }
        String cleanup = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
        if (!cleanup.equals(spec.topic().cleanup().policy())) {
            found.add(mismatch(spec, Code.CLEANUP_POLICY, spec.topic().cleanup().policy(), cleanup));
        }
        String clock = config.get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG).value();
        if (!clock.equals(spec.timestampType().name)) {
            found.add(mismatch(spec, Code.TIMESTAMP_TYPE, spec.timestampType().name, clock));
        }
        long bytes =
                Long.parseLong(config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value());
        if (bytes < spec.maxMessageBytes()) {
            found.add(mismatch(spec, Code.MAX_MESSAGE_BYTES, "at least " + spec.maxMessageBytes(), bytes));
        }
        return found;
    }

    private static TopicMismatch mismatch(TopicSpec spec, Code code, Object expected, Object found) {
        return new TopicMismatch(spec.name(), code, expected.toString(), found.toString());
    }

    private static Collection<ConfigResource> resources(List<String> topics) {
        return topics.stream().map(TopicCreator::resource).toList();
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    private <T> T await(KafkaFuture<T> answer) {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
        } catch (TimeoutException e) {
            throw new org.apache.kafka.common.errors.TimeoutException(
                    "no answer from the cluster within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            throw new InterruptException("interrupted while waiting for the cluster", e);
        }
    }
}
