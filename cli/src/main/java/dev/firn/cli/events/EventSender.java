package dev.firn.cli.events;

import dev.firn.cli.command.CommandFailure;
import dev.firn.cli.command.Connection;
import dev.firn.config.Settings;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Limits;
import dev.firn.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AclOperation;

/// Sends single events and waits until the brokers have acknowledged them.
public final class EventSender implements AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final Connection connection;
    private final AvroCodec codec;
    private final Producer<byte[], byte[]> producer;

    public EventSender(Connection connection) {
        this.connection = connection;
        this.codec = AvroCodec.forServices(Settings.schemaRegistryProperties(connection.config()));
        this.producer = connection.producer();
    }

    /// @throws CommandFailure if the event is too large or the brokers do not accept it
    public void send(Topic topic, String key, SpecificRecord event) {
        String name = connection.namespace().topic(topic);
        byte[] value = codec.encode(name, event);
        if (value.length > Limits.EVENT_BYTES) {
            throw CommandFailure.usage("The event has %,d bytes, the limit is %,d. Put the rows on S3"
                    .formatted(value.length, Limits.EVENT_BYTES));
        }
        send(new ProducerRecord<>(name, key.getBytes(StandardCharsets.UTF_8), value));
    }

    public void send(ProducerRecord<byte[], byte[]> record) {
        try {
            producer.send(record).get();
        } catch (ExecutionException e) {
            throw connection
                    .refusal(e, AclOperation.WRITE)
                    .orElseGet(() -> CommandFailure.notReachable(
                            "Cannot send to %s: %s".formatted(record.topic(), e.getCause()), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandFailure.notReachable("Interrupted while sending to " + record.topic(), e);
        }
    }

    @Override
    public void close() {
        producer.close(CLOSE_TIMEOUT);
        codec.close();
    }
}
