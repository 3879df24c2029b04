package dev.firn.registration.hint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// All partitions of a topic, read by one consumer without a group. Used by the consumer's thread.
///
/// A topic that is there from the beginning is read from its end. Partitions that come later, or a topic that
/// did not exist, are read from their beginning, so that what came in between is heard.
final class HintPartitions {
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final Set<TopicPartition> read = new HashSet<>();
    private boolean isFirst = true;
    private long nextNanos = System.nanoTime();

    HintPartitions(Consumer<byte[], byte[]> consumer, String topic) {
        this.consumer = consumer;
        this.topic = topic;
    }

    /// Looks for partitions from time to time.
    ///
    /// @return false if the topic does not exist
    boolean refresh() {
        if (!read.isEmpty() && System.nanoTime() - nextNanos < 0) {
            return true;
        }
        nextNanos = System.nanoTime() + INTERVAL.toNanos();
        @Nullable List<PartitionInfo> found = consumer.partitionsFor(topic, ANSWER_LIMIT);
        Set<TopicPartition> now = new HashSet<>();
        if (found != null) {
            found.forEach(partition -> now.add(new TopicPartition(topic, partition.partition())));
        }
        if (!now.equals(read)) {
            List<TopicPartition> added =
                    now.stream().filter(partition -> !read.contains(partition)).toList();
            consumer.assign(now);
            if (isFirst) {
                consumer.seekToEnd(added);
            } else {
                consumer.seekToBeginning(added);
            }
            // Kafka finds the offset when it is asked for it
            added.forEach(partition -> consumer.position(partition, ANSWER_LIMIT));
            read.clear();
            read.addAll(now);
        }
        isFirst = false;
        return !read.isEmpty();
    }

    /// Skips to the end of partitions that have too much left to read.
    ///
    /// @return how many records are left out
    long skipOld(long maxLag) {
        long skipped = 0;
        List<TopicPartition> behind = new ArrayList<>();
        for (TopicPartition partition : read) {
            long lag = consumer.currentLag(partition).orElse(0);
            if (lag > maxLag) {
                behind.add(partition);
                skipped += lag;
            }
        }
        if (!behind.isEmpty()) { // without any, Kafka takes all
            consumer.seekToEnd(behind);
        }
        return skipped;
    }
}
