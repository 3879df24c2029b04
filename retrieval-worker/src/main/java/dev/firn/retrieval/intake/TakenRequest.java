package dev.firn.retrieval.intake;

import dev.firn.retrieval.job.Cancellation;
import dev.firn.schemas.FirnHeaders;
import dev.firn.schemas.Limits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// A request as polled, still bytes, with the means to cancel it when its partition moves to another worker, and what
/// is remembered between its turns.
public final class TakenRequest {
    private static final int MAX_TIMES_PARKED = 1_000;

    private final Lane lane;
    /// Written by one turn at a time.
    private volatile ConsumerRecord<byte[], byte[]> record;

    private volatile boolean sharesValue;
    /// Of the present turn. Guarded by this.
    private Cancellation cancellation = new Cancellation();

    private boolean cancelled;
    private boolean isLong;
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

    /// Ends the present turn; it is the same object for all of the turn.
    public synchronized Cancellation cancellation() {
        return cancellation;
    }

    /// The request moves to another worker: it has no further turn.
    synchronized void cancel() {
        cancelled = true;
        cancellation.cancel();
    }

    /// Ends the present turn, because it takes too long for an express slot. The request has another one in a slot.
    synchronized void giveWay() {
        isLong = true;
        cancellation.cancel();
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    /// Whether it had to give way before, and needs a slot.
    synchronized boolean isLong() {
        return isLong;
    }

    /// A turn begins; it ends with [#endTurn].
    void beginTurn() {
        hasTurn = true;
        synchronized (this) {
            if (!cancelled && cancellation.isCancelled()) {
                cancellation = new Cancellation();
            }
        }
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

    /// Lets go of the value if it equals that of the other request, and uses the other's from now on.
    public void shareValueOf(TakenRequest other) {
        byte[] value = other.record.value();
        if (value != null && Arrays.equals(value, record.value())) {
            record = new ConsumerRecord<>(
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    record.timestamp(),
                    record.timestampType(),
                    record.serializedKeySize(),
                    record.serializedValueSize(),
                    record.key(),
                    value,
                    record.headers(),
                    record.leaderEpoch());
            sharesValue = true;
        }
    }

    /// The value counts as this request's own, even if copies share it.
    public void keepValue() {
        sharesValue = false;
    }

    /// The bytes of key, headers and value. A value that is another request's does not count.
    long bytes() {
        long bytes = length(record.key()) + (sharesValue ? 0 : length(record.value()));
        for (Header header : record.headers()) {
            bytes += header.key().length() + length(header.value());
        }
        return bytes;
    }

    private static long length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    public Headers headers() {
        return record.headers();
    }

    /// Who asked through the gateway, as the header says; empty if nobody did. Whoever may produce can write anything
    /// there.
    public String principal() {
        return FirnHeaders.text(headers(), FirnHeaders.PRINCIPAL)
                .filter(name -> name.length() <= Limits.HEADER_VALUE_BYTES)
                .orElse("");
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
