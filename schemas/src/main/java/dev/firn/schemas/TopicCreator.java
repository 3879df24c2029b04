package dev.firn.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// Creates the topics of a deployment. Idempotent, and safe if several services start at once. Existing topics are
/// compared and never altered, because changing the partitions or the cleanup policy of a topic moves or loses records.
///
/// Retention is not compared, since operators may choose it; a larger `max.message.bytes` than needed is fine.
public final class TopicCreator {
    private final Admin admin;
    private final AdminAnswers answers;
    private final Optional<Short> replicationFactor;

    /// @param admin closed by the caller
    /// @param replicationFactor of topics to create; -1 for the broker's default
    /// @param timeout longest wait for one answer from the cluster
    public TopicCreator(Admin admin, int replicationFactor, Duration timeout) {
        this.admin = admin;
        this.answers = new AdminAnswers(timeout);
        this.replicationFactor = replicationFactor < 0 ? Optional.empty() : Optional.of((short) replicationFactor);
    }

    /// Creates what is missing.
    ///
    /// @return names of the topics that this call created
    /// @throws TopicMismatchException if an existing topic differs; nothing is created then
    /// @throws MissingRightsException if Kafka refuses to show or to create topics
    public List<String> create(TopicCatalogue catalogue) {
        List<TopicMismatch> mismatches = mismatches(catalogue.topics());
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
    /// @throws MissingRightsException if Kafka refuses to show topics
    public void check(TopicCatalogue catalogue) {
        check(catalogue.topics());
    }

    /// The same for some of the topics.
    public void check(List<TopicSpec> topics) {
        refuse(mismatches(topics));
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
        var missing = new ArrayList<MissingRight>();
        for (TopicSpec spec : specs) {
            try {
                answers.await(Objects.requireNonNull(results.get(spec.name()), spec.name()));
                created.add(spec.name());
            } catch (TopicExistsException e) {
                // another service was faster; `create` compares the topic then
            } catch (TopicAuthorizationException e) {
                missing.add(MissingRight.onTopic(spec.name(), AclOperation.CREATE));
            }
        }
        requireRights(missing);
        return created;
    }

    /// Asks for each topic by its name. A list of all topics would leave out those that Kafka does not show.
    private List<TopicMismatch> mismatches(List<TopicSpec> topics) {
        Map<String, Optional<TopicDescription>> descriptions = perTopic(
                topics,
                AclOperation.DESCRIBE,
                names -> admin.describeTopics(names).topicNameValues());
        List<TopicSpec> known = topics.stream()
                .filter(spec ->
                        descriptions.getOrDefault(spec.name(), Optional.empty()).isPresent())
                .toList();
        Map<String, Optional<Config>> configs = perTopic(known, AclOperation.DESCRIBE_CONFIGS, this::configs);
        var mismatches = new ArrayList<TopicMismatch>();
        for (TopicSpec spec : topics) {
            Optional<TopicDescription> description = descriptions.getOrDefault(spec.name(), Optional.empty());
            Optional<Config> config = configs.getOrDefault(spec.name(), Optional.empty());
            if (description.isPresent() && config.isPresent()) {
                mismatches.addAll(
                        differences(spec, description.get().partitions().size(), config.get()));
            } else {
                mismatches.add(new TopicMismatch(spec.name(), Code.TOPIC_MISSING, "a topic", "none"));
            }
        }
        return mismatches;
    }

    private Map<String, KafkaFuture<Config>> configs(List<String> topics) {
        return admin
                .describeConfigs(topics.stream()
                        .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                        .toList())
                .values()
                .entrySet()
                .stream()
                .collect(Collectors.toMap(entry -> entry.getKey().name(), Map.Entry::getValue));
    }

    /// The answer for each topic; empty for one that does not exist.
    ///
    /// @throws MissingRightsException naming every topic for which Kafka refuses the answer
    private <T> Map<String, Optional<T>> perTopic(
            List<TopicSpec> topics, AclOperation operation, Function<List<String>, Map<String, KafkaFuture<T>>> ask) {
        var answered = new HashMap<String, Optional<T>>();
        var missing = new ArrayList<MissingRight>();
        ask.apply(topics.stream().map(TopicSpec::name).toList()).forEach((topic, answer) -> {
            try {
                answered.put(topic, Optional.of(answers.await(answer)));
            } catch (UnknownTopicOrPartitionException e) {
                answered.put(topic, Optional.empty());
            } catch (TopicAuthorizationException e) {
                missing.add(MissingRight.onTopic(topic, operation));
            }
        });
        requireRights(missing);
        return answered;
    }

    private static void requireRights(List<MissingRight> missing) {
        if (!missing.isEmpty()) {
            missing.sort(Comparator.comparing(MissingRight::name));
            throw new MissingRightsException(missing);
        }
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
}
