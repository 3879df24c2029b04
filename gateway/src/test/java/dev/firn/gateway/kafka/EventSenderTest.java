package dev.firn.gateway.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.TableHint;
import dev.firn.gateway.problem.Problem;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Code;
import dev.firn.schemas.EventClasses;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.Topic;
import java.util.Map;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class EventSenderTest {
    @BeforeAll
    static void trustEvents() {
        EventClasses.trust();
    }

    /// Nobody listens at port 9.
    @Test
    void saysThatTheSchemaRegistryIsAway() {
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        TableHint hint = TableHint.newBuilder()
                .setCatalog("iceberg")
                .setSchema$("s")
                .setTableName("t")
                .build();
        try (AvroCodec codec = AvroCodec.of(Map.of("schema.registry.url", "http://127.0.0.1:9"));
                EventSender sender = new EventSender(producer, codec, Namespace.DEFAULT)) {
            assertThatThrownBy(() -> sender.send(Topic.TABLE_HINTS, "iceberg.s.t", hint, Map.of()))
                    .isInstanceOfSatisfying(Refusal.class, e -> {
                        assertThat(e.problem().code()).isEqualTo(Code.SCHEMA_REGISTRY_UNAVAILABLE);
                        assertThat(e.problem().status()).isEqualTo(Problem.UNAVAILABLE);
                    });
            assertThat(producer.history()).isEmpty();
        }
    }
}
