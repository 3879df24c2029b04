package dev.firn.service;

import static java.util.Objects.requireNonNull;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// How long the oldest request of each input topic has waited: the age of the record at the committed offset. Kafka's
/// own lag counts records, but retention counts time: a request that has waited longer than its topic keeps records is
/// lost without an answer. Not thread-safe.
///
/// Asks for offsets, and reads one record of each partition that has any to read.
public final class InputLag implements AutoCloseable {
    private static final int MAX_FETCH_BYTES = 64 << 10;

    private final List<Input> inputs;
    private final Clock clock;
    private final Duration timeout;
    private final Admin admin;
    private final Consumer<byte[], byte[]> consumer;

    /// @param group whose committed offsets say what is answered
    /// @param topic its full name
    /// @param retention how long the topic keeps a record
    public record Input(String group, String topic, Duration retention) {
        private static Input of(Namespace namespace, String group, Topic topic) {
            return new Input(group, namespace.topic(topic), topic.retention());
        }

        /// The requests, runs and commands that workers answer.
        public static List<Input> ofWorkers(Namespace namespace) {
            return List.of(
                    of(namespace, namespace.requestsGroupId(), Topic.RETRIEVAL_REQUESTS),
                    of(namespace, namespace.runsGroupId(), Topic.RETRIEVAL_RUNS),
                    of(namespace, namespace.commandsGroupId(), Topic.RETRIEVAL_COMMANDS));
        }

        /// What the registration service reads.
        public static List<Input> ofRegistrationService(Namespace namespace) {
            String group = namespace.applicationId();
            return List.of(
                    of(namespace, group, Topic.REGISTRATION_REQUESTS),
                    of(namespace, group, Topic.STANDING_REQUESTS),
                    of(namespace, group, Topic.TABLE_HINTS));
        }
    }

    public InputLag(FirnConfig config, List<Input> inputs, Clock clock) {
        this.inputs = List.copyOf(inputs);
        this.clock = clock;
        this.timeout = config.health().checkTimeout();
        Map<String, Object> properties = new HashMap<>(Settings.kafkaProperties(config));
        int limit = Math.toIntExact(timeout.toMillis());
        properties.put("default.api.timeout.ms", limit);
        properties.put("request.timeout.ms", limit);
        this.admin = Admin.create(properties);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, MAX_FETCH_BYTES);
        this.consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /// The age of the oldest unanswered record of each input; zero if none waits.
    ///
    /// @throws ExecutionException if the broker does not answer
    public Map<Input, Duration> measure() throws ExecutionException, InterruptedException {
        Map<Input, Duration> lags = new LinkedHashMap<>();
        for (Input input : inputs) {
            lags.put(input, lag(input));
        }
        return lags;
    }

    private Duration lag(Input input) throws ExecutionException, InterruptedException {
        Map<TopicPartition, Long> waiting = firstUnanswered(input);
        Instant now = clock.instant();
        Duration longest = Duration.ZERO;
        for (Map.Entry<TopicPartition, Long> first : waiting.entrySet()) {
            Duration age = age(first.getKey(), first.getValue(), now);
            longest = age.compareTo(longest) > 0 ? age : longest;
        }
        return longest;
    }

    /// The offset from which each partition is still to be answered, of partitions that have records from there on.
    private Map<TopicPartition, Long> firstUnanswered(Input input) throws ExecutionException, InterruptedException {
        List<TopicPartition> partitions = requireNonNull(admin.describeTopics(List.of(input.topic()))
                        .allTopicNames()
                        .get()
                        .get(input.topic()))
                .partitions()
                .stream()
                .map(partition -> new TopicPartition(input.topic(), partition.partition()))
                .toList();
        Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(input.group())
                .partitionsToOffsetAndMetadata()
                .get();
        Map<TopicPartition, Long> begin = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> end = offsets(partitions, OffsetSpec.latest());
        Map<TopicPartition, Long> waiting = new LinkedHashMap<>();
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata answered = committed.get(partition);
            long first = Math.max(answered == null ? 0 : answered.offset(), requireNonNull(begin.get(partition)));
            if (first < requireNonNull(end.get(partition))) {
                waiting.put(partition, first);
            }
        }
        return waiting;
    }

    private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec spec)
            throws ExecutionException, InterruptedException {
        return admin
                .listOffsets(partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> spec)))
                .all()
                .get()
                .entrySet()
                .stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    /// Zero if there is no record: the end of a partition may be a transaction's marker.
    private Duration age(TopicPartition partition, long offset, Instant now) {
        consumer.assign(List.of(partition));
        consumer.seek(partition, offset);
        for (ConsumerRecord<byte[], byte[]> first : consumer.poll(timeout)) {
            Duration age = Duration.between(Instant.ofEpochMilli(first.timestamp()), now);
            return age.isNegative() ? Duration.ZERO : age;
        }
        return Duration.ZERO;
    }

    /// Ends a read of a record that another thread is in, by an exception there. Thread-safe.
    void stop() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close();
        admin.close();
    }
}
