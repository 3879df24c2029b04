package dev.firn.gateway.kafka;

import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Code;
import dev.firn.schemas.FirnHeaders;
import dev.firn.schemas.Limits;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.SchemaRegistryUnavailableException;
import dev.firn.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends single events and waits until the brokers have acknowledged them. Thread-safe.
public final class EventSender implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventSender.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final Producer<byte[], byte[]> producer;
    private final AvroCodec codec;
    private final Namespace namespace;

    public EventSender(Producer<byte[], byte[]> producer, AvroCodec codec, Namespace namespace) {
        this.producer = producer;
        this.codec = codec;
        this.namespace = namespace;
    }

    /// @throws Refusal if the event is too large, or the registry or the brokers do not answer. An event that the
    ///     brokers did not acknowledge may still have been written: it is safe to send it again under the same id.
    public void send(Topic topic, String key, SpecificRecord event, Map<String, String> headers) {
        String name = namespace.topic(topic);
        byte[] value = encode(name, event);
        if (value.length > Limits.EVENT_BYTES) {
            throw Refusal.of(
                    Code.BODY_TOO_LARGE,
                    "The event has %,d bytes, the limit is %,d. Send the rows of a spine as the body instead."
                            .formatted(value.length, Limits.EVENT_BYTES));
        }
        RecordHeaders to = new RecordHeaders();
        headers.forEach((header, text) -> FirnHeaders.set(to, header, text));
        try {
            producer.send(new ProducerRecord<>(name, null, key.getBytes(StandardCharsets.UTF_8), value, to))
                    .get();
        } catch (ExecutionException | KafkaException e) {
            if (e instanceof InterruptException) {
                Thread.currentThread().interrupt();
            }
            log.atWarn().addKeyValue("topic", name).setCause(e).log("An event could not be sent");
            throw Refusal.of(
                    Code.KAFKA_UNAVAILABLE, "Kafka did not accept the event. Repeat the call with the same id.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusal.of(Code.KAFKA_UNAVAILABLE, "The gateway is stopping. Repeat the call with the same id.");
        }
    }

    private byte[] encode(String topic, SpecificRecord event) {
        try {
            return codec.encode(topic, event);
        } catch (SchemaRegistryUnavailableException e) {
            throw Refusal.of(Code.SCHEMA_REGISTRY_UNAVAILABLE, "The schema registry does not answer.");
        }
    }

    @Override
    public void close() {
        producer.close(CLOSE_TIMEOUT);
    }
}
