package dev.firn.cli.events;

import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
import dev.firn.cli.command.Times;
import dev.firn.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.header.Header;

/// Reads the committed events of some topics, without a consumer group. Not thread-safe.
public final class EventReader implements AutoCloseable {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);

    /// For reading topics from the start to the end.
    private static final Duration SCAN_TIMEOUT = Duration.ofMinutes(2);

    private final Connection connection;
    private final Consumer<byte[], byte[]> consumer;
    private final RecordDecoder decoder;
    private final Map<String, Topic> topics = new HashMap<>();
    private final List<TopicPartition> partitions = new ArrayList<>();
    private final Queue<ConsumerRecord<byte[], byte[]>> polled = new ArrayDeque<>();

    private EventReader(Connection connection, Set<Topic> wanted) {
        this.connection = connection;
        decoder = new RecordDecoder(connection);
        consumer = connection.consumer();
        try {
            for (Topic topic : wanted) {
                String name = connection.namespace().topic(topic);
                topics.put(name, topic);
                List<PartitionInfo> known = connection.naming(AclOperation.READ, () -> consumer.partitionsFor(name));
                if (known.isEmpty()) {
                    throw CommandFailure.notReachable(
                            "Topic %s does not exist on %s. The services create it when they start; or run ./firn topics create"
                                    .formatted(name, connection.where()),
                            null);
                }
                known.forEach(partition -> partitions.add(new TopicPartition(name, partition.partition())));
            }
            consumer.assign(partitions);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /// A reader of events that are committed from now on. Open it before sending the request to be answered.
    public static EventReader fromNow(Connection connection, Topic... topics) {
        EventReader reader = new EventReader(connection, EnumSet.copyOf(Arrays.asList(topics)));
        reader.consumer.endOffsets(reader.partitions).forEach(reader.consumer::seek);
        return reader;
    }

    /// All events that are committed now, in order within each partition.
    public static List<TopicRecord> all(Connection connection, Topic... topics) {
        try (EventReader reader = new EventReader(connection, EnumSet.copyOf(Arrays.asList(topics)))) {
            return reader.scan().stream().map(reader::event).toList();
        }
    }

    /// All records that are committed now, without decoding.
    static List<ConsumerRecord<byte[], byte[]>> records(Connection connection, Topic topic) {
        try (EventReader reader = new EventReader(connection, EnumSet.of(topic))) {
            return reader.scan();
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> scan() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        consumer.seekToBeginning(partitions);
        long deadline = System.nanoTime() + SCAN_TIMEOUT.toNanos();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            if (System.nanoTime() > deadline) {
                throw new CommandFailure(
                        ExitCode.TIMED_OUT,
                        "Reading %s took longer than %s".formatted(topics.keySet(), Times.format(SCAN_TIMEOUT)));
            }
            poll().forEach(records::add);
        }
        return records;
    }

    /// Passes each new event to `pick` until it returns a value. The next call continues after that event.
    ///
    /// @return the value; empty after the timeout
    public <A> Optional<A> await(Duration timeout, Function<TopicRecord, Optional<A>> pick) {
        long deadline = System.nanoTime() + Times.nanos(timeout);
        while (true) {
            while (!polled.isEmpty()) {
                Optional<A> picked = pick.apply(event(polled.poll()));
                if (picked.isPresent()) {
                    return picked;
                }
            }
            if (System.nanoTime() >= deadline) {
                return Optional.empty();
            }
            poll().forEach(polled::add);
        }
    }

    private ConsumerRecords<byte[], byte[]> poll() {
        return connection.naming(AclOperation.READ, () -> consumer.poll(POLL_TIMEOUT));
    }

    private TopicRecord event(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8));
        }
        Topic topic = topics.get(record.topic());
        if (topic == null) {
            throw new IllegalStateException("unexpected topic " + record.topic());
        }
        RecordDecoder.Outcome outcome = decoder.decode(topic, record.value());
        return new TopicRecord(
                topic,
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8),
                outcome.value(),
                outcome.undecodable(),
                headers);
    }

    /// Does not wait for the broker, which holds back its answer to a fetch for half a second.
    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
        decoder.close();
    }
}
