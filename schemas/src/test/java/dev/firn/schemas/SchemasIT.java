package dev.firn.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.firn.embedded.StackUser;
import dev.firn.events.FeatureSpec;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.Spine;
import dev.firn.events.SpineKind;
import dev.firn.events.TableHint;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.WithStack;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.avro.SchemaParser;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Topics and events with a real broker and a real registry.
@WithStack
final class SchemasIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Namespace namespace = new Namespace(TestStack.namespace());
    private final TopicCatalogue catalogue = TopicCatalogue.of(namespace, 4, 2);
    private final TestStack stack;
    private final String registryUrl;
    private final Map<String, Object> configs;
    private final Admin admin;
    private final TopicCreator creator;
    private final SchemaRegistrar registrar;

    SchemasIT(TestStack stack) {
        registryUrl = stack.addresses().schemaRegistryUrl();
        this.stack = stack;
        configs = Map.of("schema.registry.url", registryUrl, "auto.register.schemas", "false");
        try (Admin granting = Admin.create(stack.kafka(StackUser.ADMIN))) {
            Grants.createAndAwait(granting, namespace, Grants.namesakes(), LIMIT);
        }
        admin = Admin.create(stack.kafka(StackUser.DEPLOYER));
        creator = new TopicCreator(admin, -1, LIMIT);
        registrar = new SchemaRegistrar(configs);
    }

    @AfterEach
    void close() {
        registrar.close();
        admin.close();
    }

    @Test
    void createsTopicsAndSubjectsOnce() {
        assertThat(catchThrowableOfType(TopicMismatchException.class, () -> creator.check(catalogue))
                        .mismatches())
                .hasSize(16)
                .extracting(TopicMismatch::code)
                .containsOnly(Code.TOPIC_MISSING);
        assertThat(registrar.missing(catalogue)).hasSize(12);

        assertThat(creator.create(catalogue)).hasSize(16);
        assertThat(registrar.register(catalogue)).hasSize(12);

        creator.check(catalogue);
        assertThat(registrar.missing(catalogue)).isEmpty();
        assertThat(creator.create(catalogue)).isEmpty();
        assertThat(registrar.register(catalogue)).isEmpty();
    }

    @Test
    void servicesThatStartAtOnceCreateEachTopicOnce() {
        List<CompletableFuture<List<String>>> starts = IntStream.range(0, 4)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> creator.create(catalogue)))
                .toList();

        assertThat(starts.stream().flatMap(start -> start.join().stream()))
                .containsExactlyInAnyOrderElementsOf(
                        catalogue.topics().stream().map(TopicSpec::name).toList());
    }

    @Test
    void refusesTopicsThatDifferAndListsAllDifferences() throws Exception {
        String views = catalogue.name(Topic.FEATURE_VIEWS);
        String requests = catalogue.name(Topic.RETRIEVAL_REQUESTS);
        admin.createTopics(List.of(
                        new NewTopic(views, Optional.of(3), Optional.empty())
                                .configs(Map.of("cleanup.policy", "delete", "retention.ms", "1000")),
                        new NewTopic(requests, Optional.of(4), Optional.empty())
                                .configs(Map.of("max.message.bytes", "1000"))))
                .all()
                .get();

        var refusal = catchThrowableOfType(TopicMismatchException.class, () -> creator.create(catalogue));

        assertThat(refusal.mismatches())
                .extracting(TopicMismatch::toString)
                .containsExactlyInAnyOrder(
                        "[" + views + "] PARTITIONS: expected 2, found 3",
                        "[" + views + "] CLEANUP_POLICY: expected compact, found delete",
                        "[" + requests + "] TIMESTAMP_TYPE: expected LogAppendTime, found CreateTime",
                        "[" + requests + "] MAX_MESSAGE_BYTES: expected at least 1048576, found 1000");
        assertThat(admin.listTopics().names().get().stream().filter(name -> name.startsWith(namespace + ".")))
                .as("created nothing, altered nothing")
                .containsExactlyInAnyOrder(views, requests);
    }

    @Test
    void anEventGoesThroughClientsConfiguredByPropertiesAlone() throws Exception {
        creator.create(catalogue);
        registrar.register(catalogue);
        String topic = catalogue.name(Topic.RETRIEVAL_REQUESTS);
        RetrievalRequest largest = largest();

        var producerConfigs = new HashMap<>(configs);
        producerConfigs.putAll(stack.kafka(StackUser.PRODUCER));
        producerConfigs.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName());
        producerConfigs.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, FirnAvroSerializer.class.getName());
        try (var producer = new KafkaProducer<String, RetrievalRequest>(producerConfigs)) {
            producer.send(new ProducerRecord<>(topic, "r", largest)).get();
        }

        var consumerConfigs = new HashMap<>(configs);
        consumerConfigs.putAll(stack.kafka(StackUser.RETRIEVAL_WORKER));
        consumerConfigs.put(ConsumerConfig.GROUP_ID_CONFIG, namespace.requestsGroupId());
        consumerConfigs.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumerConfigs.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
        consumerConfigs.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, FirnAvroDeserializer.class.getName());
        consumerConfigs.put("specific.avro.reader", "true");
        consumerConfigs.put("specific.avro.value.type", RetrievalRequest.class.getName());
        try (var consumer = new KafkaConsumer<String, RetrievalRequest>(consumerConfigs)) {
            consumer.subscribe(List.of(topic));
            var records = consumer.poll(LIMIT);
            while (records.isEmpty()) {
                records = consumer.poll(LIMIT);
            }
            assertThat(records).singleElement().satisfies(record -> {
                assertThat(record.value()).isEqualTo(largest);
                assertThat(record.serializedValueSize()).isBetween(Limits.EVENT_BYTES - 100, Limits.EVENT_BYTES);
                assertThat(record.timestampType().name).isEqualTo("LogAppendTime");
            });
        }
    }

    @Test
    void onlyTheRegistrysOwnWordMakesAnIdUnknown() {
        try (var codec = AvroCodec.forServices(configs)) {
            assertThat(codec.decode(TableHint.class, new byte[] {0, 127, 0, 0, 1, 0}))
                    .isInstanceOfSatisfying(
                            Decoded.Undecodable.class,
                            finding -> assertThat(finding.code()).isEqualTo(UndecodableCode.UNKNOWN_SCHEMA_ID));
            assertThatThrownBy(() -> codec.encode(catalogue.name(Topic.TABLE_HINTS), new TableHint("c", "s", "t", "")))
                    .isInstanceOf(SchemaRefusedException.class);
        }
        var elsewhere = new HashMap<>(configs);
        elsewhere.put("schema.registry.url", registryUrl + "/not-there");
        elsewhere.put("max.retries", "0");
        try (var codec = AvroCodec.forServices(elsewhere)) {
            assertThatThrownBy(() -> codec.decode(TableHint.class, new byte[] {0, 127, 0, 0, 1, 0}))
                    .isInstanceOf(SchemaRegistryUnavailableException.class);
        }
    }

    @Test
    void theRegistryRefusesASchemaThatWouldLockOthersOut() {
        registrar.register(catalogue);
        try (var client = new RegistryClient(RegistrySettings.of(configs))) {
            var incompatible = SchemaParser.parseSingle("""
                    {"type":"record","name":"TableHint","namespace":"dev.firn.events","fields":[
                     {"name":"catalog","type":"string"},{"name":"must","type":"string"}]}""");
            assertThatThrownBy(() ->
                            client.register(catalogue.spec(Topic.TABLE_HINTS).valueSubject(), incompatible))
                    .isInstanceOf(SchemaRefusedException.class)
                    .hasMessageContaining(" 409/");
        }
    }

    @Test
    void readsASchemaThatRefersToOthers() throws Exception {
        String base = registryUrl;
        String part = namespace + "-part";
        post(
                base + "/subjects/" + part + "/versions",
                Map.of("schema", PortableSchema.of(FeatureSpec.getClassSchema()).toString()));
        String whole = """
                {"type":"record","name":"RegistrationRequest","namespace":"dev.firn.events","fields":[
                 {"name":"request_id","type":"string"},{"name":"name","type":"string"},
                 {"name":"features","type":{"type":"array","items":"dev.firn.events.FeatureSpec"}}]}""";
        int id = post(
                base + "/subjects/" + namespace + "-whole/versions",
                Map.of(
                        "schema",
                        whole,
                        "references",
                        List.of(Map.of("name", "dev.firn.events.FeatureSpec", "subject", part, "version", 1))));

        byte[] bytes = {0, 0, 0, (byte) (id >>> 8), (byte) id, 2, 'r', 2, 'v', 2, 2, 'f', 2, 'd', 0, 0, 0};
        try (var codec = AvroCodec.forServices(configs)) {
            assertThat(codec.decode(RegistrationRequest.class, bytes))
                    .isInstanceOfSatisfying(
                            Decoded.Value.class,
                            value -> assertThat(((RegistrationRequest) value.event()).getFeatures())
                                    .extracting("name")
                                    .containsExactly("f"));
        }
    }

    @Test
    void aSerializerThatReplacesConfluentsMayRegister() {
        var registering = new HashMap<>(configs);
        registering.remove("auto.register.schemas");
        var event = new RandomEvents(7).next(FeatureView.class);
        try (var codec = AvroCodec.of(registering)) {
            byte[] bytes = codec.encode(catalogue.name(Topic.FEATURE_VIEWS), event);

            assertThat(codec.decode(FeatureView.class, bytes)).isEqualTo(new Decoded.Value<>(event));
        }
    }

    /// Exactly the largest event, which must pass every hop.
    private static RetrievalRequest largest() {
        var row = new ArrayList<>(Collections.nCopies(9, "x".repeat(100_000)));
        row.add("x".repeat(Limits.EVENT_BYTES - 900_000 - 150));
        return RetrievalRequest.newBuilder()
                .setRequestId("r")
                .setSpine(Spine.newBuilder()
                        .setKind(SpineKind.IDS)
                        .setRows(List.of(row))
                        .build())
                .setFeatures(List.of("v:f"))
                .build();
    }

    private static int post(String url, Map<String, ?> body) throws Exception {
        var json = JsonMapper.builder().build();
        try (var http = HttpClient.newHttpClient()) {
            var response = http.send(
                    HttpRequest.newBuilder(URI.create(url))
                            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                            .POST(HttpRequest.BodyPublishers.ofString(json.writeValueAsString(body)))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            return json.readTree(response.body()).path("id").intValue();
        }
    }
}
