package dev.firn.cli.events;

import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.Connection;
import dev.firn.cli.command.ExitCode;
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
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/// Reads committed events of some topics, in no group. Not thread-safe.
public final class EventReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    /// Reading a topic from its start takes no longer; beyond, a cluster is too slow to be asked by hand.
    private static final Duration SCAN_LIMIT = Duration.ofMinutes(2);

    private final Consumer<byte[], byte[]> consumer;
    private final RecordDecoder decoder;
    private final Map<String, Topic> topics = new HashMap<>();
    private final List<TopicPartition> partitions = new ArrayList<>();
    private final Queue<ConsumerRecord<byte[], byte[]>> polled = new ArrayDeque<>();

    private EventReader(Connection connection, Set<Topic> wanted) {
        decoder = new RecordDecoder(connection);
        consumer = connection.consumer();
        try {
            for (Topic topic : wanted) {
                String name = connection.namespace().topic(topic);
                topics.put(name, topic);
                List<PartitionInfo> known = consumer.partitionsFor(name);
                if (known.isEmpty()) {
                    throw CommandFailure.notReachable(
                            "There is no topic %s on %s; the services make it at their start, and so does: ./firn topics create"
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

    /// A reader that stands behind all that is committed now. Make it before producing what shall be answered.
    public static EventReader fromNow(Connection connection, Topic... topics) {
        EventReader reader = new EventReader(connection, EnumSet.copyOf(Arrays.asList(topics)));
        reader.consumer.endOffsets(reader.partitions).forEach(reader.consumer::seek);
        return reader;
    }

    /// All events that are committed now, each partition in its order.
    public static List<TopicRecord> all(Connection connection, Topic... topics) {
        try (EventReader reader = new EventReader(connection, EnumSet.copyOf(Arrays.asList(topics)))) {
            return reader.scan().stream().map(reader::event).toList();
        }
    }

    /// All records that are committed now, as they are.
    static List<ConsumerRecord<byte[], byte[]>> records(Connection connection, Topic topic) {
        try (EventReader reader = new EventReader(connection, EnumSet.of(topic))) {
            return reader.scan();
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> scan() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        consumer.seekToBeginning(partitions);
        long deadline = System.nanoTime() + SCAN_LIMIT.toNanos();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            if (System.nanoTime() > deadline) {
                throw new CommandFailure(
                        ExitCode.TIMED_OUT, "%s cannot be read within %s".formatted(topics.keySet(), SCAN_LIMIT));
            }
            consumer.poll(POLL).forEach(records::add);
        }
        return records;
    }

    /// Gives each new event to `pick` until it picks one; the next call goes on behind it.
    ///
    /// @return what was picked; empty after `limit`
    public <A> Optional<A> await(Duration limit, Function<TopicRecord, Optional<A>> pick) {
        long deadline = System.nanoTime() + limit.toNanos();
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
            consumer.poll(POLL).forEach(polled::add);
        }
    }

    private TopicRecord event(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8));
        }
        Topic topic = topics.get(record.topic());
        if (topic == null) {
            throw new IllegalStateException("not asked for " + record.topic());
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

    @Override
    public void close() {
        consumer.close();
        decoder.close();
    }
}
