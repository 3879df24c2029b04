package dev.firn.cli.events;

import dev.firn.schemas.Topic;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/// A decoded record of one of Firn's topics.
///
/// @param value null for a tombstone, and for bytes that cannot be decoded
/// @param undecodable why the bytes cannot be decoded; empty if they can, and for a tombstone
public record TopicRecord(
        Topic topic,
        int partition,
        long offset,
        Instant at,
        String key,
        @Nullable SpecificRecord value,
        String undecodable,
        Map<String, String> headers) {
    public TopicRecord {
        headers = Map.copyOf(headers);
    }

    public <T extends SpecificRecord> Optional<T> as(Class<T> type) {
        return type.isInstance(value) ? Optional.of(type.cast(value)) : Optional.empty();
    }

    /// `retrieval-results/3@17`.
    String coordinates() {
        return "%s/%d@%d".formatted(topic.simpleName(), partition, offset);
    }
}
