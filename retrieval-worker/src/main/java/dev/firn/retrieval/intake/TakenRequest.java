package dev.firn.retrieval.intake;

import dev.firn.retrieval.job.Cancellation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// A request as polled, still bytes, with the means to cancel it when its partition moves to another worker, and what
/// is remembered between its turns.
public final class TakenRequest {
    private static final int MAX_TIMES_PARKED = 1_000;

    private final ConsumerRecord<byte[], byte[]> record;
    private final Lane lane;
    private final Cancellation cancellation = new Cancellation();
    /// Of the turns so far. Written by one turn at a time.
    private volatile Turn.@Nullable Cause parkedFor;

    private volatile long parkedSinceNanos;
    private volatile int timesParked;
    private volatile boolean hasTurn;

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

    /// A turn begins; it ends with [#endTurn].
    void beginTurn() {
        hasTurn = true;
    }

    void endTurn() {
        hasTurn = false;
    }

    /// Whether it has a turn in a slot at this moment.
    boolean hasTurn() {
        return hasTurn;
    }

    /// Notes that a turn ended for this cause. Returns how often it did in a row.
    int parked(Turn.Cause cause) {
        if (parkedFor != cause) {
            parkedFor = cause;
            parkedSinceNanos = System.nanoTime();
            timesParked = 0;
        }
        timesParked = Math.min(timesParked + 1, MAX_TIMES_PARKED);
        return timesParked;
    }

    /// How long turn after turn has ended for this cause; zero if the last did not.
    public Duration parkedFor(Turn.Cause cause) {
        return parkedFor == cause ? Duration.ofNanos(System.nanoTime() - parkedSinceNanos) : Duration.ZERO;
    }

    /// The bytes of key and value.
    long bytes() {
        return Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
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
