package dev.firn.retrieval.intake;

import dev.firn.retrieval.job.Cancellation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;

/// A request as polled, still bytes, with the means to cancel it when its partition moves to another worker.
public final class TakenRequest {
    private final ConsumerRecord<byte[], byte[]> record;
    private final Lane lane;
    private final Cancellation cancellation = new Cancellation();

    public TakenRequest(ConsumerRecord<byte[], byte[]> record, Lane lane) {
        this.record = record;
        this.lane = lane;
    }

    public ConsumerRecord<byte[], byte[]> record() {
        return record;
    }

    public Lane lane() {
        return lane;
    }

    public Cancellation cancellation() {
        return cancellation;
    }

    public Headers headers() {
        return record.headers();
    }

    /// The log-append time, which is "now" for every attempt.
    public Instant time() {
        return Instant.ofEpochMilli(record.timestamp());
    }

    public Optional<String> keyText() {
        return Optional.ofNullable(record.key()).map(key -> new String(key, StandardCharsets.UTF_8));
    }

    public String coordinates() {
        return record.topic() + "-" + record.partition() + "@" + record.offset();
    }
}
