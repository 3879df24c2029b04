package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.Fault;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.TableHint;
import dev.firn.registration.async.AppliedUpTo;
import dev.firn.registration.input.DecodeProcessor;
import dev.firn.registration.input.RawRecord;
import dev.firn.registration.state.StateJson;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.UndecodableCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// docs/architecture.md, "Events and topics": bytes that are not an event go to the dead letters; while the schema
/// registry is away, records wait and none is lost.
final class InputTest {
    private static final byte[] NOT_AVRO = "x not avro".getBytes(StandardCharsets.UTF_8);

    private final RegistryFixture registry = new RegistryFixture();

    @AfterEach
    void close() {
        registry.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"registration-requests", "table-hints", "standing-requests", "retrieval-results"})
    void deadLettersUndecodableBytesUnchanged(String topic) {
        var headers = new RecordHeaders();
        headers.add("traceparent", "00-1".getBytes(StandardCharsets.UTF_8));
        registry.send(topic, "key", NOT_AVRO, headers);

        var letter = registry.deadLetters().getFirst();
        assertThat(letter.key()).isEqualTo("key".getBytes(StandardCharsets.UTF_8));
        assertThat(letter.value()).isEqualTo(NOT_AVRO);
        assertThat(text(letter.headers(), "firn-dead-letter-topic")).isEqualTo("firn." + topic);
        assertThat(text(letter.headers(), "firn-dead-letter-partition")).isEqualTo("0");
        assertThat(text(letter.headers(), "firn-dead-letter-offset")).isEqualTo("0");
        assertThat(text(letter.headers(), "firn-dead-letter-code")).isEqualTo(Code.NOT_MAGIC.name());
        assertThat(text(letter.headers(), "traceparent")).isEqualTo("00-1");
    }

    @Test
    void answersFailedIfAHeaderHasTheRequestId() {
        var headers = new RecordHeaders();
        headers.add("firn-request-id", "r1".getBytes(StandardCharsets.UTF_8));
        registry.send("registration-requests", "some_view", NOT_AVRO, headers);

        RegistrationResult result = registry.result();
        assertThat(result.getRequestId()).isEqualTo("r1");
        assertThat(result.getName()).isEqualTo("some_view");
        assertThat(result.getStatus()).isEqualTo(RegistrationStatus.FAILED);
        assertThat(RegistryFixture.codes(result)).containsExactly(Code.NOT_MAGIC.name());

        registry.send("standing-requests", "some-standing", NOT_AVRO, headers);
        RetrievalResult answer = registry.retrievalResults().getFirst();
        assertThat(answer.getStatus()).isEqualTo(RetrievalStatus.FAILED);
        assertThat(answer.getCode()).isEqualTo(Code.NOT_MAGIC.name());
        assertThat(answer.getFault()).isEqualTo(Fault.REQUEST);
        assertThat(answer.getStandingId()).isEqualTo("some-standing");
    }

    @Test
    void waitsForTheSchemaRegistryInOrderAndDeadLettersNothing() {
        registry.schemaRegistryAway = true;
        registry.send(Views.request("r1", "one").build());
        registry.schemaRegistryAway = false;
        registry.send(Views.request("r2", "one").build()); // readable, but must not overtake
        assertThat(registry.validations.waiting()).isZero();

        registry.schemaRegistryAway = true;
        registry.pass(Duration.ofMinutes(20));
        registry.schemaRegistryAway = false;
        registry.pass(Duration.ofSeconds(6));
        registry.validateAll();

        assertThat(registry.results())
                .extracting(RegistrationResult::getRequestId)
                .containsExactly("r1", "r2");
        assertThat(registry.deadLetters()).isEmpty();
    }

    @Test
    void failsTheThreadWhenTooManyRecordsWait() {
        registry.schemaRegistryAway = true;
        for (int i = 0; i < DecodeProcessor.MAX_WAITING; i++) {
            registry.send("table-hints", null, new byte[] {0}, new RecordHeaders());
        }

        assertThatThrownBy(() -> registry.send("table-hints", null, new byte[] {0}, new RecordHeaders()))
                .isInstanceOf(StreamsException.class)
                .hasMessageContaining("10000");
    }

    /// A replacement thread gets its next record before its first tick, and must not fail again forever.
    @Test
    void makesRoomBeforeTheFirstTickOnceTheSchemaRegistryIsBack() {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "t");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        MockProcessorContext<Object, Object> context = new MockProcessorContext<>(properties);
        KeyValueStore<Long, RawRecord> waiting = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore("waiting"), Serdes.Long(), StateJson.serde(RawRecord.class))
                .withLoggingDisabled()
                .build();
        KeyValueStore<Integer, AppliedUpTo> position = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore("position"), Serdes.Integer(), StateJson.serde(AppliedUpTo.class))
                .withLoggingDisabled()
                .build();
        context.addStateStore(position);
        position.init(context.getStateStoreContext(), position);
        context.addStateStore(waiting);
        waiting.init(context.getStateStoreContext(), waiting);
        for (long offset = 0; offset < DecodeProcessor.MAX_WAITING; offset++) {
            waiting.put(offset, new RawRecord("t", 0, offset, 0, null, ByteBuffer.wrap(NOT_AVRO), List.of()));
        }
        context.setCurrentSystemTimeMs(1_000);
        context.setRecordMetadata("t", 0, DecodeProcessor.MAX_WAITING);
        DecodeProcessor<TableHint> next = new DecodeProcessor<>(
                new DecodeProcessor.Nodes("waiting", "position", "dead-letters"),
                bytes -> new Decoded.Undecodable<>(UndecodableCode.NOT_MAGIC, "says the test"),
                new DecodeProcessor.Route<>() {
                    @Override
                    public void event(TableHint event, RawRecord raw, ProcessorContext<Object, Object> to) {
                        throw new AssertionError(event);
                    }

                    @Override
                    public void undecodable(
                            Decoded.Undecodable<TableHint> why, RawRecord raw, ProcessorContext<Object, Object> to) {}
                });
        next.init(context);
        next.process(new Record<>(null, NOT_AVRO, 0));

        assertThat(context.forwarded()).hasSize(DecodeProcessor.MAX_PER_TICK);
        assertThat(waiting.get(DecodeProcessor.MAX_PER_TICK - 1L)).isNull();
        assertThat(waiting.get((long) DecodeProcessor.MAX_WAITING)).isNotNull();
    }

    private static String text(Headers headers, String name) {
        return new String(headers.lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
