package dev.firn.gateway.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.schemas.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Where a dead letter is, where it came from and why. Never its value, which may be large and is somebody's.
public record DeadLetterNote(int partition, long offset, Instant at, String key, int bytes, DeadLetter origin) {
    private static final int MAX_KEY_LENGTH = 256;

    public static DeadLetterNote of(ConsumerRecord<byte[], byte[]> record) {
        String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
        return new DeadLetterNote(
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                key.length() <= MAX_KEY_LENGTH ? key : key.substring(0, MAX_KEY_LENGTH),
                record.value() == null ? 0 : record.value().length,
                DeadLetter.readFrom(record.headers()).orElse(new DeadLetter("", -1, -1, "", "")));
    }

    ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("partition", partition)
                .put("offset", offset)
                .put("at", at.toString())
                .put("key", key)
                .put("bytes", bytes)
                .put("from_topic", origin.topic())
                .put("from_partition", origin.partition())
                .put("from_offset", origin.offset())
                .put("code", origin.code())
                .put("reason", origin.reason());
    }
}
