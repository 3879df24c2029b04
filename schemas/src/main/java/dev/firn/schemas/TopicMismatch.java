package dev.firn.schemas;

/// One way in which a topic on the cluster is not what it must be.
public record TopicMismatch(String topic, Code code, String expected, String found) {
    /// What differs.
    public enum Code {
        /// There is no such topic.
        TOPIC_MISSING,
        /// Another number of partitions; it decides which worker and which store a key belongs to.
        PARTITIONS,
        /// Another cleanup policy; compaction would lose requests, deletion would lose the registry.
        CLEANUP_POLICY,
        /// Another clock; "now" and deadlines are counted by it.
        TIMESTAMP_TYPE,
        /// Too small for the largest event.
        MAX_MESSAGE_BYTES
    }

    @Override
    public String toString() {
        return "[" + topic + "] " + code + ": expected " + expected + ", found " + found;
    }
}
