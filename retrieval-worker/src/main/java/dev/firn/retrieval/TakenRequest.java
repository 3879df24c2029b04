package dev.firn.retrieval;

import dev.firn.retrieval.job.Cancellation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;

/// A request as it came, still bytes, and what becomes of it here: answered, or given up because its partition
/// went elsewhere.
final class TakenRequest {
    private final ConsumerRecord<byte[], byte[]> record;
    private final Lane lane;
    private final Cancellation cancellation = new Cancellation();

    TakenRequest(ConsumerRecord<byte[], byte[]> record, Lane lane) {
        this.record = record;
        this.lane = lane;
    }

    ConsumerRecord<byte[], byte[]> record() {
        return record;
    }

    Lane lane() {
        return lane;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    Headers headers() {
        return record.headers();
    }

    /// The log-append time: what "now" means, the same for every attempt.
    Instant time() {
        return Instant.ofEpochMilli(record.timestamp());
    }

    Optional<String> keyText() {
        return Optional.ofNullable(record.key()).map(key -> new String(key, StandardCharsets.UTF_8));
    }

    String coordinates() {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }
}
