package dev.firn.schemas;

/// One difference between a topic on the cluster and its [specification][TopicSpec].
public record TopicMismatch(String topic, Code code, String expected, String found) {
    @Override
    public String toString() {
        return "[" + topic + "] " + code + ": expected " + expected + ", found " + found;
    }
}
