package dev.firn.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.TableHint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class AvroCodecTest {
    private static final String TOPIC = "firn.table-hints";
    private final FaultyRegistry registry = new FaultyRegistry();
    private final AvroCodec codec = AvroCodec.forServices(registry.configs());

    @AfterEach
    void close() {
        codec.close();
        registry.close();
    }

    @Test
    void readsBackWhatItWroteForEveryTopic() {
        long seed = System.nanoTime();
        var events = new RandomEvents(seed);
        for (Topic topic : Topic.values()) {
            topic.event().ifPresent(type -> registry.hold(topic.simpleName().hashCode(), portable(type)));
        }
        for (Topic topic : Topic.values()) {
            for (int i = 0; i < 20 && topic.event().isPresent(); i++) {
                SpecificRecord event = events.next(topic.event().get());
                byte[] bytes = codec.encode("t", event);
                assertThat(codec.decode(topic.event().get(), bytes))
                        .as("%s, seed %d", topic, seed)
                        .isEqualTo(new Decoded.Value<>(event));
            }
        }
    }

    @Test
    void writesAZeroByteAndTheSchemaIdFirst() {
        registry.hold(258, portable(TableHint.class));

        assertThat(codec.encode(TOPIC, hint())).startsWith(0, 0, 0, 1, 2);
        assertThat(registry.calls()).containsExactly("POST /subjects/firn.table-hints-value");
    }

    @Test
    void asksForASchemaOnce() {
        registry.hold(7, portable(TableHint.class));
        byte[] bytes = codec.encode(TOPIC, hint());

        for (int i = 0; i < 3; i++) {
            codec.decode(TableHint.class, bytes);
            codec.encode(TOPIC, hint());
        }

        assertThat(registry.calls()).containsExactly("POST /subjects/firn.table-hints-value", "GET /schemas/ids/7");
    }

    @Test
    void readsAnEventOfAnOlderSchemaWithDefaultsForNewFields() {
        registry.hold(3, """
                {"type":"record","name":"TableHint","namespace":"dev.firn.events","fields":[
                 {"name":"catalog","type":"string"},{"name":"schema","type":"string"},{"name":"table_name","type":"string"}]}""");
        byte[] bytes = {0, 0, 0, 0, 3, 2, 'c', 2, 's', 2, 't'};

        assertThat(codec.decode(TableHint.class, bytes)).isEqualTo(new Decoded.Value<>(hint()));
    }

    @Test
    void saysWhatIsWrongWithBytesThatAreNotAnEvent() {
        registry.hold(1, portable(TableHint.class));
        registry.hold(2, portable(RegistrationResult.class));
        registry.hold(
                3, "{\"type\":\"record\",\"name\":\"TableHint\",\"namespace\":\"dev.firn.events\",\"fields\":[]}");
        registry.hold(4, "syntax = \"proto3\";");

        assertThat(finding(new byte[0])).isEqualTo(UndecodableCode.TOO_SHORT);
        assertThat(finding(new byte[] {0, 0, 0, 1})).isEqualTo(UndecodableCode.TOO_SHORT);
        assertThat(finding("{\"catalog\": 1}".getBytes(UTF_8))).isEqualTo(UndecodableCode.NOT_MAGIC);
        assertThat(finding(new byte[] {0, 0, 0, 0, 99})).isEqualTo(UndecodableCode.UNKNOWN_SCHEMA_ID);
        assertThat(finding(new byte[] {0, -1, -1, -1, -1})).isEqualTo(UndecodableCode.UNKNOWN_SCHEMA_ID);
        assertThat(finding(new byte[] {0, 0, 0, 0, 2})).isEqualTo(UndecodableCode.ANOTHER_EVENT);
        assertThat(finding(new byte[] {0, 0, 0, 0, 3})).isEqualTo(UndecodableCode.INCOMPATIBLE_SCHEMA);
        assertThat(finding(new byte[] {0, 0, 0, 0, 4})).isEqualTo(UndecodableCode.ANOTHER_EVENT);
        assertThat(finding(new byte[] {0, 0, 0, 0, 1, 2})).isEqualTo(UndecodableCode.MALFORMED);
        assertThat(finding(new byte[] {0, 0, 0, 0, 1, 2, 'c', 2, 's', 2, 't', 0, 0}))
                .isEqualTo(UndecodableCode.MALFORMED);
        assertThat(finding(new byte[Limits.EVENT_BYTES + 1])).isEqualTo(UndecodableCode.TOO_LARGE);
        assertThat(finding(null)).isEqualTo(UndecodableCode.NO_VALUE);
    }

    @Test
    @Timeout(60)
    void endsOnAnyBytesWithoutTrustingTheirLengths() {
        long seed = System.nanoTime();
        var random = new SplittableRandom(seed);
        registry.hold(1, portable(RegistrationRequest.class));
        byte[] good = codec.encode("t", new RandomEvents(seed).next(RegistrationRequest.class));
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                bytes[5 + random.nextInt(bytes.length - 5)] = (byte) random.nextInt();
            }
            assertThat(codec.decode(RegistrationRequest.class, bytes))
                    .as("seed %d", seed)
                    .isNotNull();
        }
        byte[] gigabytes = {0, 0, 0, 0, 1, -2, -1, -1, -1, 15};
        assertThat(codec.decode(RegistrationRequest.class, gigabytes)).isInstanceOf(Decoded.Undecodable.class);
    }

    @Test
    void aFailingRegistryNeverMakesABadEvent() {
        registry.hold(1, portable(TableHint.class));
        byte[] bytes = {0, 0, 0, 0, 1, 2, 'c', 2, 's', 2, 't', 0};

        for (int status : new int[] {401, 403, 404, 429, 500, 503}) {
            registry.failNext(3, status, "<html>no registry</html>");
            assertThatThrownBy(() -> codec.decode(TableHint.class, bytes))
                    .as("status %d", status)
                    .isInstanceOf(SchemaRegistryUnavailableException.class)
                    .isInstanceOf(RetriableException.class)
                    .hasMessageContaining("[GET " + registry.url() + "/schemas/ids/1?format=resolved] ")
                    .hasMessageContaining(Integer.toString(status));
        }
        registry.failNext(3, 404, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}");
        assertThatThrownBy(() -> codec.decode(TableHint.class, bytes))
                .isInstanceOf(SchemaRegistryUnavailableException.class);
        registry.failNext(1, 200, "{}");
        assertThatThrownBy(() -> codec.decode(TableHint.class, bytes))
                .isInstanceOf(SchemaRegistryUnavailableException.class);

        assertThat(codec.decode(TableHint.class, bytes)).isEqualTo(new Decoded.Value<>(hint()));
    }

    /// A refusal says nothing about the bytes.
    @Test
    void aRegistryThatRefusesAnIdNeverMakesABadEvent() {
        registry.hold(1, portable(TableHint.class));
        registry.failNext(1, 422, "{\"error_code\":42201,\"message\":\"says the test\"}");
        assertThatThrownBy(() -> codec.decode(TableHint.class, new byte[] {0, 0, 0, 0, 1, 2, 'c', 2, 's', 2, 't', 0}))
                .isInstanceOf(SchemaRegistryUnavailableException.class);
    }

    /// Confluent's registry accepts defaults of a wrong type; Avro's parser for Java does not.
    @Test
    void aSchemaThatAvroRejectsIsABadEvent() {
        registry.hold(1, """
                {"type":"record","name":"TableHint","namespace":"dev.firn.events","fields":[
                 {"name":"catalog","type":"int","default":"none"}]}""");
        registry.hold(2, "{\"type\":\"record\"");
        for (byte id = 1; id <= 2; id++) {
            assertThat(finding(new byte[] {0, 0, 0, 0, id, 2, 'c'})).isEqualTo(UndecodableCode.ANOTHER_EVENT);
        }
    }

    @Test
    void knowsTheNewestSchemaOfATopicWithoutBeingAskedForIt() {
        assertThatThrownBy(() -> codec.learn(TOPIC)).isInstanceOf(SchemaRegistryUnavailableException.class);
        registry.hold(1, portable(TableHint.class));
        codec.learn(TOPIC);
        registry.failNext(100, 503, "");
        assertThat(codec.decode(TableHint.class, new byte[] {0, 0, 0, 0, 1, 2, 'c', 2, 's', 2, 't', 0}))
                .isEqualTo(new Decoded.Value<>(hint()));
        assertThatThrownBy(() -> codec.learn(TOPIC)).isInstanceOf(SchemaRegistryUnavailableException.class);
    }

    @Test
    void writesAPreparedTopicWithoutTheRegistry() {
        registry.hold(1, portable(TableHint.class));
        codec.prepare(TOPIC, TableHint.class);
        int calls = registry.calls().size();
        registry.failNext(100, 503, "");

        assertThat(codec.encode(TOPIC, hint())).isNotEmpty();
        assertThat(registry.calls()).hasSize(calls);
    }

    @Test
    void triesAgainAFewTimes() {
        registry.hold(1, portable(TableHint.class));
        registry.failNext(2, 503, "");

        assertThat(codec.encode(TOPIC, hint())).isNotEmpty();
        assertThat(registry.calls()).hasSize(3);
    }

    @Test
    void aRefusedConnectionIsUnavailable() throws Exception {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        var configs = Map.of("schema.registry.url", "http://127.0.0.1:" + free, "max.retries", "0");
        try (var away = AvroCodec.forServices(configs)) {
            assertThatThrownBy(() -> away.decode(TableHint.class, new byte[] {0, 0, 0, 0, 1, 0}))
                    .isInstanceOfSatisfying(
                            SchemaRegistryUnavailableException.class,
                            unavailable -> assertThat(unavailable.code()).isEqualTo(Code.SCHEMA_REGISTRY_UNAVAILABLE));
            assertThat(away.decode(TableHint.class, new byte[] {1, 0, 0, 0, 1, 0}))
                    .isInstanceOf(Decoded.Undecodable.class);
        }
    }

    @Test
    @Timeout(20)
    void aRegistryThatDoesNotAnswerIsUnavailable() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var configs = Map.of(
                    "schema.registry.url",
                    "http://127.0.0.1:" + silent.getLocalPort(),
                    "max.retries",
                    "0",
                    "http.read.timeout.ms",
                    Long.toString(Duration.ofMillis(200).toMillis()));
            try (var codecOfSilence = AvroCodec.forServices(configs)) {
                assertThatThrownBy(() -> codecOfSilence.encode(TOPIC, hint()))
                        .isInstanceOf(SchemaRegistryUnavailableException.class);
            }
        }
    }

    /// A request's own timeout ends with the headers of its answer.
    @Test
    @Timeout(20)
    void aRegistryThatStallsInABodyIsUnavailable() {
        registry.hold(1, portable(TableHint.class));
        registry.stallInBodies();
        var configs = new HashMap<>(registry.configs());
        configs.put("max.retries", "0");
        configs.put("http.read.timeout.ms", "200");
        try (var stalled = AvroCodec.forServices(configs)) {
            assertThatThrownBy(() -> stalled.encode(TOPIC, hint()))
                    .isInstanceOf(SchemaRegistryUnavailableException.class)
                    .hasMessageContaining("no complete answer within 200 ms");
            assertThatThrownBy(() -> stalled.decode(TableHint.class, new byte[] {0, 0, 0, 0, 1, 0}))
                    .isInstanceOf(SchemaRegistryUnavailableException.class);
        }
    }

    @Test
    void anAnswerLongerThanAnySchemaIsNotRead() {
        registry.failNext(1, 200, "{\"schema\":\"" + "x".repeat(Limits.REGISTRY_ANSWER_BYTES) + "\"}");
        var configs = new HashMap<>(registry.configs());
        configs.put("max.retries", "0");
        try (var flooded = AvroCodec.forServices(configs)) {
            assertThatThrownBy(() -> flooded.decode(TableHint.class, new byte[] {0, 0, 0, 0, 1, 0}))
                    .isInstanceOf(SchemaRegistryUnavailableException.class);
        }
    }

    /// Its 404s say nothing about events that were good before it lost its schemas.
    @Test
    void eventsWaitForARegistryThatWasRestoredEmpty() {
        registry.hold(1, portable(TableHint.class));
        registry.hold(2, portable(TableHint.class));
        codec.learn(TOPIC);
        byte[] written = {0, 0, 0, 0, 1, 2, 'c', 2, 's', 2, 't', 0};
        registry.forgetAll();

        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> codec.decode(TableHint.class, written))
                    .isInstanceOf(SchemaRegistryUnavailableException.class)
                    .hasMessageContaining("schema 2");
        }
        registry.hold(2, "\"string\""); // another schema got the id
        assertThatThrownBy(() -> codec.decode(TableHint.class, written))
                .isInstanceOf(SchemaRegistryUnavailableException.class);

        registry.hold(2, portable(TableHint.class));
        assertThat(finding(written)).isEqualTo(UndecodableCode.UNKNOWN_SCHEMA_ID);
        registry.hold(1, portable(TableHint.class));
        assertThat(codec.decode(TableHint.class, written)).isInstanceOf(Decoded.Value.class);
    }

    @Test
    void theNextAddressAnswersForOneThatIsAway() {
        registry.hold(1, portable(TableHint.class));
        var configs = Map.of("schema.registry.url", "http://127.0.0.1:1, " + registry.url() + "/", "max.retries", "0");
        try (var both = AvroCodec.forServices(configs)) {
            assertThat(both.encode(TOPIC, hint())).isNotEmpty();
        }
    }

    @Test
    void aSchemaThatIsNotRegisteredIsRefusedWithItsSubject() {
        assertThatThrownBy(() -> codec.encode(TOPIC, hint()))
                .isInstanceOfSatisfying(
                        SchemaRefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.SCHEMA_REFUSED))
                .hasMessageContaining("[subject firn.table-hints-value]");
    }

    @Test
    void writesTheNewestRegisteredSchemaWhenAsked() {
        registry.hold(9, """
                {"type":"record","name":"TableHint","namespace":"dev.firn.events","fields":[
                 {"name":"table_name","type":"string"},{"name":"schema","type":"string"},{"name":"catalog","type":"string"},
                 {"name":"urgent","type":"boolean","default":true}]}""");
        var configs = new HashMap<>(registry.configs());
        configs.put("use.latest.version", "true");
        try (var latest = AvroCodec.of(configs)) {
            assertThat(latest.encode(TOPIC, hint())).containsExactly(0, 0, 0, 0, 9, 2, 't', 2, 's', 2, 'c', 1);
        }
    }

    @Test
    void anIncompleteEventIsNotWritten() {
        registry.hold(1, portable(TableHint.class));

        assertThatThrownBy(() -> codec.encode(TOPIC, new TableHint()))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("TableHint lacks a value for a required field");
    }

    @Test
    void credentialsGoIntoTheHeaderAndNowhereElse() {
        var configs = new HashMap<>(registry.configs());
        configs.put("basic.auth.credentials.source", "USER_INFO");
        configs.put("basic.auth.user.info", "ann:secret");
        registry.failNext(9, 401, "{}");
        try (var withUser = AvroCodec.of(configs)) {
            assertThatThrownBy(() -> withUser.encode(TOPIC, hint())).hasMessageNotContaining("secret");
        }
        var inUrl = Map.of(
                "schema.registry.url", registry.url().replace("http://", "http://ann:secret@"), "max.retries", "0");
        try (var withUrl = AvroCodec.forServices(inUrl)) {
            assertThatThrownBy(() -> withUrl.encode(TOPIC, hint())).hasMessageNotContaining("secret");
        }
        assertThat(registry.authorizations()).containsExactly("Basic YW5uOnNlY3JldA==");
    }

    @Test
    void aCredentialsFileIsReadAgainAtEachCall(@TempDir Path folder) throws IOException {
        registry.hold(1, portable(TableHint.class));
        Path file = folder.resolve("registry.properties");
        var configs = new HashMap<>(registry.configs());
        configs.put("credentials.file", file.toString());

        Files.writeString(file, "username=ann\npassword=secret\n");
        try (var client = new RegistryClient(RegistrySettings.of(configs))) {
            client.schema(1);
            Files.writeString(file, "token=fresh\n");
            client.schema(1);
            assertThat(registry.authorizations()).containsExactly("Basic YW5uOnNlY3JldA==", "Bearer fresh");

            Files.delete(file);
            assertThatThrownBy(() -> client.schema(1))
                    .isInstanceOf(SchemaRegistryUnavailableException.class)
                    .hasMessageContaining("cannot read the credentials file");
        }
    }

    private UndecodableCode finding(byte @Nullable [] bytes) {
        return switch (codec.decode(TableHint.class, bytes)) {
            case Decoded.Value<TableHint> value -> throw new AssertionError("decoded " + value);
            case Decoded.Undecodable<TableHint>(UndecodableCode code, String reason) -> {
                assertThat(reason).isNotBlank().hasSizeLessThan(200);
                yield code;
            }
        };
    }

    private static TableHint hint() {
        return new TableHint("c", "s", "t", "");
    }

    private static String portable(Class<? extends SpecificRecord> event) {
        return PortableSchema.of(SpecificData.get().getSchema(event)).toString();
    }
}
