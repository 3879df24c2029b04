package dev.firn.retrieval;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.embedded.StackAddresses;
import dev.firn.embedded.StackUser;
import dev.firn.events.FeatureView;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.events.Spine;
import dev.firn.retrieval.job.Given;
import dev.firn.retrieval.job.LakeFixture;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.Grants;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.SchemaRegistrar;
import dev.firn.schemas.Topic;
import dev.firn.schemas.TopicCatalogue;
import dev.firn.schemas.TopicCreator;
import dev.firn.testkit.TestStack;
import dev.firn.testkit.Waiting;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The real services in a namespace of their own, with a producer and consumers of events.
final class WorkerStack implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(90);
    static final int RETRIEVAL_PARTITIONS = 4;

    final Namespace namespace = new Namespace(TestStack.namespace());
    final StackAddresses addresses = TestStack.shared().addresses();
    final LakeFixture lake;
    final AvroCodec codec;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaProducer<byte[], byte[]> registrationService;
    private final List<Tail> tails = new ArrayList<>();

    WorkerStack() {
        Map<String, Object> registry = Map.of("schema.registry.url", addresses.schemaRegistryUrl());
        TopicCatalogue catalogue = TopicCatalogue.of(namespace, RETRIEVAL_PARTITIONS, 2);
        if (TestStack.shared().isSecured()) {
            try (Admin admin = Admin.create(addresses.kafkaProperties(StackUser.ADMIN))) {
                Grants.createAndAwait(admin, namespace, Grants.namesakes(), LIMIT);
            }
        }
        try (Admin deployer = Admin.create(addresses.kafkaProperties(StackUser.DEPLOYER));
                SchemaRegistrar registrar = new SchemaRegistrar(registry)) {
            new TopicCreator(deployer, -1, LIMIT).create(catalogue);
            registrar.register(catalogue);
        }
        codec = AvroCodec.forServices(registry);
        producer = producer(StackUser.PRODUCER);
        registrationService = producer(StackUser.REGISTRATION_SERVICE);
        lake = LakeFixture.onS3(addresses.icebergCatalogProperties(), namespace.name());
    }

    private KafkaProducer<byte[], byte[]> producer(StackUser user) {
        Map<String, Object> properties = addresses.kafkaProperties(user);
        properties.put("max.request.size", 2 << 20);
        properties.put("linger.ms", 0);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /// The settings of a worker in this namespace.
    Map<String, String> properties(String... more) {
        Map<String, String> properties = new HashMap<>();
        properties.put("firn.namespace", namespace.name());
        addresses
                .kafkaProperties(StackUser.RETRIEVAL_WORKER)
                .forEach((name, value) -> properties.put("firn.kafka.properties." + name, value.toString()));
        properties.put("firn.kafka.bootstrap-servers", addresses.bootstrapServers());
        properties.put("firn.kafka.create-topics", "false");
        properties.put("firn.kafka.retrieval-partitions", Integer.toString(RETRIEVAL_PARTITIONS));
        properties.put("firn.kafka.partitions", "2");
        properties.put("firn.kafka.properties.session.timeout.ms", "6000");
        properties.put("firn.kafka.properties.heartbeat.interval.ms", "1000");
        properties.put("firn.schema-registry.url", addresses.schemaRegistryUrl());
        // the workers of a test share it
        properties.put("firn.cache.folder", "target/columns/" + namespace.name());
        properties.put("firn.s3.endpoint", addresses.s3Endpoint());
        properties.put("firn.s3.path-style-access", "true");
        properties.put("firn.s3.region", addresses.region());
        properties.put("firn.s3.access-key-id", addresses.accessKey());
        properties.put("firn.s3.secret-access-key", addresses.secretKey());
        addresses
                .icebergCatalogProperties()
                .forEach((name, value) -> properties.put("firn.catalogs.iceberg." + name, value));
        properties.put("firn.access.catalogs", "iceberg");
        properties.put("firn.access.spine-locations", spines());
        properties.put("firn.results.location", "s3://lake/results");
        properties.put("firn.http.port", "0");
        properties.put("firn.retrieval.retry-backoff", "100ms");
        properties.put("firn.retrieval.retry-backoff-max", "500ms");
        for (int i = 0; i < more.length; i += 2) {
            properties.put(more[i], more[i + 1]);
        }
        return properties;
    }

    String spines() {
        return "s3://lake/spines/" + namespace.name();
    }

    FirnConfig config(String... more) {
        return Settings.load(Map.of(), properties(more));
    }

    WorkerRuntime worker(String... more) {
        return WorkerRuntime.start(config(more), Clock.systemUTC());
    }

    void register(FeatureView view) {
        send(Topic.FEATURE_VIEWS, view.getName(), view);
    }

    RecordMetadata send(Topic topic, String key, SpecificRecord event) {
        return sendBytes(topic, key, codec.encode(namespace.topic(topic), event));
    }

    RecordMetadata sendBytes(Topic topic, String key, byte[] value) {
        boolean isOfService = topic == Topic.FEATURE_VIEWS || topic == Topic.RETRIEVAL_RUNS;
        try {
            return (isOfService ? registrationService : producer)
                    .send(new ProducerRecord<>(namespace.topic(topic), key.getBytes(StandardCharsets.UTF_8), value))
                    .get();
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// Follows a topic from its current end.
    Tail tail(Topic topic) {
        Tail tail = new Tail(topic);
        tails.add(tail);
        return tail;
    }

    /// Sends the request and waits for its answer. Takes the position in the results before it sends.
    RetrievalResult ask(RetrievalRequest request) {
        try (Tail results = new Tail(Topic.RETRIEVAL_RESULTS)) {
            send(Topic.RETRIEVAL_REQUESTS, request.getRequestId(), request);
            return results.result(request.getRequestId());
        }
    }

    static RetrievalRequest.Builder request(String id, Spine spine, String... features) {
        return Given.request(spine, features).setRequestId(id);
    }

    final class Tail implements AutoCloseable {
        private final KafkaConsumer<byte[], byte[]> consumer;
        private final List<ConsumerRecord<byte[], byte[]>> seen = new CopyOnWriteArrayList<>();

        private Tail(Topic of) {
            String topic = namespace.topic(of);
            Map<String, Object> properties =
                    addresses.kafkaProperties(of == Topic.DEAD_LETTERS ? StackUser.OPERATOR : StackUser.CONSUMER);
            properties.put("isolation.level", "read_committed");
            properties.put("group.protocol", "classic");
            properties.put("enable.auto.commit", "false");
            consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position);
        }

        /// All records so far.
        List<ConsumerRecord<byte[], byte[]>> poll(Duration time) {
            consumer.poll(time).forEach(seen::add);
            return seen;
        }

        List<RetrievalResult> results(String requestId) {
            return seen.stream()
                    .map(record -> codec.decode(RetrievalResult.class, record.value()))
                    .map(decoded -> ((Decoded.Value<RetrievalResult>) decoded).event())
                    .filter(result -> result.getRequestId().equals(requestId))
                    .toList();
        }

        RetrievalResult result(String requestId) {
            return Waiting.forValue(
                    LIMIT,
                    () -> {
                        poll(Duration.ofMillis(50));
                        return results(requestId).stream().findFirst();
                    },
                    "an answer to " + requestId);
        }

        ConsumerRecord<byte[], byte[]> record(String key) {
            return Waiting.forValue(
                    LIMIT,
                    () -> poll(Duration.ofMillis(50)).stream()
                            .filter(record -> key.equals(new String(record.key(), StandardCharsets.UTF_8)))
                            .findFirst(),
                    "a record with key " + key);
        }

        @Override
        public void close() {
            consumer.close();
        }
    }

    @Override
    public void close() {
        tails.forEach(Tail::close);
        producer.close();
        registrationService.close();
        codec.close();
        lake.close();
    }
}
