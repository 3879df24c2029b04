package dev.firn.schemas;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.record.TimestampType;

/// How a topic of one deployment must be set up.
///
/// @param name full name, with the namespace
/// @param topic which one it is
/// @param partitions how many partitions it has
public record TopicSpec(String name, Topic topic, int partitions) {
    public TopicSpec {
        if (partitions < 1) {
            throw new IllegalArgumentException("[" + name + "] expected at least 1 partition, got " + partitions);
        }
    }

    /// Largest batch that the topic accepts: the largest event, or on topics without events a record that wraps one.
    public int maxMessageBytes() {
        return topic.event().isEmpty() ? Limits.DEAD_LETTER_MESSAGE_BYTES : Limits.MESSAGE_BYTES;
    }

    /// Subject of the values' schema in the registry (`TopicNameStrategy`).
    public String valueSubject() {
        return name + "-value";
    }

    /// The topic's settings, with Kafka's names.
    public Map<String, String> configs() {
        var configs = new LinkedHashMap<String, String>();
        configs.put(TopicConfig.CLEANUP_POLICY_CONFIG, topic.cleanup().policy());
        if (topic.cleanup() == Cleanup.DELETE) {
            configs.put(
                    TopicConfig.RETENTION_MS_CONFIG,
                    Long.toString(topic.retention().toMillis()));
        }
        configs.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes()));
        configs.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, timestampType().name);
        return configs;
    }

    /// Whose clock gives records their timestamps.
    public TimestampType timestampType() {
        return topic.timestampType();
    }
}
