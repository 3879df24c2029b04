package dev.firn.registration.input;

import dev.firn.registration.async.RestartableProcessor;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.meter.Share;
import dev.firn.registration.state.SavedHeader;
import dev.firn.schemas.DeadLetter;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.Limits;
import dev.firn.schemas.UndecodableCode;
import dev.firn.service.Backoff;
import dev.firn.service.event.EventDecoder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decodes one input topic.
///
/// Bytes that are not an event go to the dead letters. While the schema registry does not answer, good and
/// bad bytes cannot be told apart. The record and all that follow it then wait in a store, in order, and are
/// tried again with back-off until it answers. Nothing is dead-lettered, the thread's other tasks go on, and
/// `process` never blocks longer than one attempt of the decoder. Once too many wait, in number or bytes, the
/// [Intake] is paused until the registry answers, which leaves the rest on the topics.
public final class DecodeProcessor<E> extends RestartableProcessor<byte @Nullable [], byte @Nullable [], Object> {
    /// Waiting records handled in one tick, and so in one transaction, at most.
    public static final int MAX_PER_TICK = 500;

    /// Bytes of the records handled in one tick, at most, if it is more than one record.
    static final long MAX_BYTES_PER_TICK = 8L * 1024 * 1024;

    /// Leaves room in a dead letter for its coordinates.
    static final int MAX_KEPT_BYTES = Limits.DEAD_LETTER_MESSAGE_BYTES - 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(DecodeProcessor.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
    private static final Duration TICK = Duration.ofMillis(100);

    private final String waitingStore;
    private final String deadLettersSink;
    private final EventDecoder<E> decoder;
    private final Route<E> route;
    private final Room room;
    private final RegistryMeters meters;

    public DecodeProcessor(Nodes nodes, EventDecoder<E> decoder, Route<E> route, Room room, RegistryMeters meters) {
        super(nodes.positionStore(), meters);
        this.room = room;
        this.meters = meters;
        this.waitingStore = nodes.waitingStore();
        this.deadLettersSink = nodes.deadLettersSink();
        this.decoder = decoder;
        this.route = route;
    }

    /// Its stores and its sink.
    ///
    /// @param waitingStore of records that wait for the schema registry
    /// @param positionStore of how far the input has been applied
    public record Nodes(String waitingStore, String positionStore, String deadLettersSink) {}

    /// Room for records that wait for the schema registry.
    ///
    /// @param maxRecords of one partition
    /// @param maxBytes of one partition
    /// @param intake to pause when there is no room
    public record Room(int maxRecords, long maxBytes, Intake intake) {}

    /// Where a decoded event goes, and what else happens if it cannot be decoded.
    public interface Route<E> {
        void event(E event, RawRecord raw, ProcessorContext<Object, Object> context);

        /// The dead letter is already written.
        void undecodable(Decoded.Undecodable<E> why, RawRecord raw, ProcessorContext<Object, Object> context);
    }

    @Override
    protected Incarnation<byte @Nullable [], byte @Nullable []> begin(ProcessorContext<Object, Object> context) {
        return new State(context);
    }

    private final class State implements Incarnation<byte @Nullable [], byte @Nullable []> {
        private final ProcessorContext<Object, Object> context;
        private final KeyValueStore<Long, RawRecord> waiting;
        /// Counts on from the highest key, so that a topic that was made again never meets its own old offsets.
        private long nextKey;

        private int waitingCount;
        private long waitingBytes;
        private final Map<String, Share> gauges = new HashMap<>();
        private int attempts;
        private long nextAttemptMillis;

        private State(ProcessorContext<Object, Object> context) {
            this.context = context;
            this.waiting = context.getStateStore(waitingStore);
            try (KeyValueIterator<Long, RawRecord> all = waiting.all()) {
                while (all.hasNext()) {
                    var next = all.next();
                    nextKey = next.key + 1;
                    count(next.value, 1);
                }
            }
            context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tryAgain);
        }

        @Override
        public void process(Record<byte @Nullable [], byte @Nullable []> record) {
            RawRecord raw = RawRecord.of(record, context.recordMetadata().orElseThrow());
            if (raw.bytes() > MAX_KEPT_BYTES) {
                refuse(raw);
                return;
            }
            if (waitingCount == 0 && handled(raw)) {
                return;
            }
            if (isFull()) {
                // a replacement thread gets its next record before its first tick
                tryAgain(context.currentSystemTimeMs());
            }
            waiting.put(nextKey++, raw);
            count(raw, 1);
            if (isFull()) {
                RawRecord first = first();
                room.intake().pauseUntil(() -> isAnswered(first));
            }
        }

        private boolean isFull() {
            return waitingCount >= room.maxRecords() || waitingBytes >= room.maxBytes();
        }

        private RawRecord first() {
            try (KeyValueIterator<Long, RawRecord> all = waiting.all()) {
                return all.next().value;
            }
        }

        private void count(RawRecord raw, int change) {
            waitingCount += change;
            waitingBytes += change * raw.bytes();
            gauges.computeIfAbsent(raw.topic(), meters::undecoded).set(waitingCount);
        }

        @Override
        public void close() {
            gauges.values().forEach(Share::close);
        }

        /// A record from a compressed batch can be larger than any that may be written.
        private void refuse(RawRecord raw) {
            var why = new Decoded.Undecodable<E>(
                    UndecodableCode.TOO_LARGE,
                    "the record has %d bytes, at most %d are kept; its beginning follows"
                            .formatted(raw.bytes(), MAX_KEPT_BYTES));
            deadLetter(raw.truncated(), why);
            context.commit();
        }

        private void tryAgain(long now) {
            if (waitingCount == 0 || now < nextAttemptMillis) {
                return;
            }
            long bytes = 0;
            try (KeyValueIterator<Long, RawRecord> all = waiting.all()) {
                for (int tried = 0; tried < MAX_PER_TICK && bytes < MAX_BYTES_PER_TICK && all.hasNext(); tried++) {
                    var next = all.next();
                    if (!handled(next.value)) {
                        return;
                    }
                    waiting.delete(next.key);
                    count(next.value, -1);
                    bytes += next.value.bytes();
                }
            }
        }

        /// Whether the schema registry answers about the record. Runs on another thread.
        private boolean isAnswered(RawRecord raw) {
            try {
                decoder.decode(raw.valueBytes());
                return true;
            } catch (RetriableException e) {
                return false;
            }
        }

        /// @return false if the schema registry does not answer
        private boolean handled(RawRecord raw) {
            Decoded<E> decoded;
            try {
                decoded = decoder.decode(SavedHeader.restored(raw.headers()), raw.valueBytes());
            } catch (RetriableException e) {
                attempts++;
                nextAttemptMillis = context.currentSystemTimeMs() + BACKOFF.pauseMillis(attempts);
                LOG.atWarn()
                        .addKeyValue("topic", raw.topic())
                        .addKeyValue("partition", raw.partition())
                        .addKeyValue("offset", raw.offset())
                        .addKeyValue("reason", e.getMessage())
                        .log("schema registry not available; the record waits");
                return false;
            }
            attempts = 0;
            switch (decoded) {
                case Decoded.Value<E>(E event) -> route.event(event, raw, context);
                case Decoded.Undecodable<E> why -> deadLetter(raw, why);
            }
            context.commit();
            return true;
        }

        /// Forwards the original bytes and headers with their coordinates.
        private void deadLetter(RawRecord raw, Decoded.Undecodable<E> why) {
            Headers headers = SavedHeader.restored(raw.headers());
            new DeadLetter(
                            raw.topic(),
                            raw.partition(),
                            raw.offset(),
                            why.code().name(),
                            why.reason())
                    .writeTo(headers);
            context.forward(new Record<>(raw.keyBytes(), raw.valueBytes(), raw.timestamp(), headers), deadLettersSink);
            route.undecodable(why, raw, context);
            meters.deadLettered(raw.topic(), why.code().name());
            LOG.atWarn()
                    .addKeyValue("topic", raw.topic())
                    .addKeyValue("partition", raw.partition())
                    .addKeyValue("offset", raw.offset())
                    .addKeyValue("code", why.code())
                    .log("record dead-lettered");
        }
    }
}
