package dev.firn.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.Fault;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.RetrievalResult;
import dev.firn.events.RetrievalStatus;
import dev.firn.events.StandingRequest;
import dev.firn.events.TableHint;
import dev.firn.registration.async.AppliedUpTo;
import dev.firn.registration.input.DecodeProcessor;
import dev.firn.registration.input.RawRecord;
import dev.firn.registration.meter.RegistryMeters;
import dev.firn.registration.state.NodeNames;
import dev.firn.registration.state.StateJson;
import dev.firn.schemas.Code;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.UndecodableCode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
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

    private static final int MAX_WAITING = 1_000;

    private RegistryFixture registry = new RegistryFixture();

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

    /// Failing the thread instead would restore all of its tasks again and again.
    @Test
    void pausesTheIntakeWhileTooManyRecordsWait() {
        registry.close();
        registry = new RegistryFixture("firn.registration.max-undecoded", "50");
        registry.schemaRegistryAway = true;
        for (int i = 0; i < 49; i++) {
            registry.send(Views.request("r" + i, "view" + i).build());
        }
        assertThat(registry.paused).isEmpty();
        for (int i = 49; i < 60; i++) { // the last ones are in the thread's hands already
            registry.send(Views.request("r" + i, "view" + i).build());
        }
        assertThat(registry.paused).isNotEmpty().noneMatch(BooleanSupplier::getAsBoolean);
        assertThat(gauge("firn.registration.undecoded")).isEqualTo(60);

        registry.schemaRegistryAway = false;
        assertThat(registry.paused).allMatch(BooleanSupplier::getAsBoolean);
        registry.pass(Duration.ofSeconds(6));
        registry.validateAll();
        assertThat(registry.results()).hasSize(60);
        assertThat(gauge("firn.registration.undecoded")).isZero();
        assertThat(registry.deadLetters()).isEmpty();
    }

    /// A few large records take as much room as many small ones.
    @Test
    void pausesTheIntakeWhileTooManyBytesWait() {
        registry.close();
        registry = new RegistryFixture("firn.registration.max-undecoded-bytes", "1048576");
        registry.schemaRegistryAway = true;
        registry.send("table-hints", null, new byte[600 * 1024], new RecordHeaders());
        assertThat(registry.paused).isEmpty();

        registry.send("table-hints", null, new byte[600 * 1024], new RecordHeaders());
        assertThat(registry.paused).hasSize(1);
    }

    /// Names come from anybody, and must not be larger as a key than as a name.
    @Test
    void makesNoKeyOfANameThatIsTooLong() {
        String huge = "x".repeat(256 * 1024);
        registry.send(TableHint.newBuilder()
                .setCatalog("iceberg")
                .setSchema$(huge)
                .setTableName("t")
                .build());
        registry.send(RetrievalResult.newBuilder()
                .setRequestId("r1")
                .setRequestDigest("")
                .setStatus(RetrievalStatus.FAILED)
                .setMessage("")
                .setStandingId(huge)
                .setCompletedAt(RegistryFixture.START)
                .build());
        registry.send(StandingRequest.newBuilder(Standings.create("c1"))
                .setRetrieval(Standings.retrieval()
                        .setFeatures(List.of("y".repeat(100_000) + ":total", "customer_features:total_orders"))
                        .build())
                .build());
        registry.send(Views.request("r1", huge).build());

        for (String topic : List.of("table-commands", "standing-commands", "view-commands")) {
            assertThat(registry.written(topic))
                    .as(topic)
                    .allSatisfy(command -> assertThat(command.key()).hasSizeLessThan(1024));
        }
        assertThat(registry.stored(NodeNames.VIEWS_STORE)).isZero();
        assertThat(registry.stored(NodeNames.SUBSCRIBERS_STORE)).isEqualTo(1);
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
        for (long offset = 0; offset < MAX_WAITING; offset++) {
            waiting.put(offset, new RawRecord("t", 0, offset, 0, null, ByteBuffer.wrap(NOT_AVRO), List.of()));
        }
        context.setCurrentSystemTimeMs(1_000);
        context.setRecordMetadata("t", 0, MAX_WAITING);
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
                },
                new DecodeProcessor.Room(MAX_WAITING, Long.MAX_VALUE, isGone -> {}),
                new RegistryMeters(new SimpleMeterRegistry()));
        next.init(context);
        next.process(new Record<>(null, NOT_AVRO, 0));

        assertThat(context.forwarded()).hasSize(DecodeProcessor.MAX_PER_TICK);
        assertThat(waiting.get(DecodeProcessor.MAX_PER_TICK - 1L)).isNull();
        assertThat(waiting.get((long) MAX_WAITING)).isNotNull();
    }

    private double gauge(String name) {
        return registry.meters.get(name).gauge().value();
    }

    private static String text(Headers headers, String name) {
        return new String(headers.lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
