package dev.firn.registration;

import dev.firn.config.FirnConfig;
import dev.firn.config.Settings;
import dev.firn.embedded.StackAddresses;
import dev.firn.embedded.StackUser;
import dev.firn.events.FeatureView;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.schemas.FirnAvroDeserializer;
import dev.firn.schemas.FirnAvroSerializer;
import dev.firn.schemas.Grants;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.SchemaRegistrar;
import dev.firn.schemas.Topic;
import dev.firn.schemas.TopicCatalogue;
import dev.firn.schemas.TopicCreator;
import dev.firn.testkit.TestStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/// The service over the real parts, in its own namespace, with a producer and readers for its topics.
final class RealRegistry implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(60);

    final TestStack stack;
    final Namespace namespace;
    final FirnConfig config;
    private final Map<String, String> properties;
    private final Map<String, Object> registry;
    private final Map<StackUser, KafkaProducer<byte[], byte[]>> producers = new EnumMap<>(StackUser.class);
    private final List<KafkaConsumer<?, ?>> readers = new ArrayList<>();
    private @Nullable RunningRegistry running;

    RealRegistry(TestStack stack, String... settings) {
        this.stack = stack;
        this.namespace = new Namespace(TestStack.namespace());
        this.properties = properties(stack, namespace, settings);
        this.config = Settings.load(Map.of(), properties);
        this.registry = Settings.schemaRegistryProperties(config);
        prepare();
    }

    /// Grants the roles of the namespace and makes its topics, as an operator would; the service may do neither.
    private void prepare() {
        if (stack.isSecured()) {
            try (Admin admin = Admin.create(stack.kafka(StackUser.ADMIN))) {
                Grants.createAndAwait(admin, namespace, Grants.namesakes(), LIMIT);
            }
        }
        TopicCatalogue topics = TopicCatalogue.of(
                namespace, config.kafka().retrievalPartitions(), config.kafka().partitions());
        try (Admin deployer = Admin.create(stack.kafka(StackUser.DEPLOYER));
                SchemaRegistrar schemas = new SchemaRegistrar(
                        Map.of("schema.registry.url", stack.addresses().schemaRegistryUrl()))) {
            new TopicCreator(deployer, -1, LIMIT).create(topics);
            schemas.register(topics);
        }
    }

    static Map<String, String> properties(TestStack stack, Namespace namespace, String... settings) {
        StackAddresses addresses = stack.addresses();
        Map<String, String> properties = new HashMap<>();
        properties.put("firn.namespace", namespace.name());
        stack.kafka(StackUser.REGISTRATION_SERVICE)
                .forEach((name, value) -> properties.put("firn.kafka.properties." + name, value.toString()));
        properties.put("firn.kafka.bootstrap-servers", addresses.bootstrapServers());
        properties.put("firn.kafka.create-topics", "false");
        properties.put("firn.kafka.partitions", "2");
        properties.put("firn.kafka.retrieval-partitions", "2");
        properties.put("firn.schema-registry.url", addresses.schemaRegistryUrl());
        properties.put("firn.trino.host", addresses.trinoHost());
        properties.put("firn.trino.port", Integer.toString(addresses.trinoPort()));
        properties.put("firn.trino.user", StackUser.REGISTRATION_SERVICE.userName());
        properties.put("firn.s3.endpoint", addresses.s3Endpoint());
        properties.put("firn.s3.path-style-access", "true");
        properties.put("firn.s3.region", addresses.region());
        properties.put("firn.s3.access-key-id", addresses.accessKey());
        properties.put("firn.s3.secret-access-key", addresses.secretKey());
        properties.put("firn.results.location", "s3://%s/results".formatted(StackAddresses.BUCKET));
        properties.put("firn.access.spine-locations", "s3://%s/spines".formatted(StackAddresses.BUCKET));
        properties.put("firn.http.port", "0");
        addresses
                .icebergCatalogProperties()
                .forEach((key, value) ->
                        properties.put("firn.catalogs.%s.%s".formatted(StackAddresses.CATALOG, key), value));
        try {
            properties.put(
                    "firn.state.folder", Files.createTempDirectory("firn-state").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (int i = 0; i < settings.length; i += 2) {
            properties.put(settings[i], settings[i + 1]);
        }
        return properties;
    }

    RealRegistry started() {
        running = RunningRegistry.start(config);
        return this;
    }

    /// Starts the service with some settings changed.
    void start(Map<String, String> changed) {
        running = RunningRegistry.start(Settings.load(Map.of(), with(changed)));
    }

    /// Starts the service in its own process, with some settings changed.
    Process spawn(Map<String, String> changed) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.real.class.path", System.getProperty("java.class.path"))));
        with(changed).forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.add(RegistrationService.class.getName());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private Map<String, String> with(Map<String, String> changed) {
        Map<String, String> all = new HashMap<>(properties);
        all.putAll(changed);
        return all;
    }

    void stop() {
        if (running != null) {
            running.close();
            running = null;
        }
    }

    Map<String, String> properties() {
        return Map.copyOf(properties);
    }

    String topic(Topic topic) {
        return namespace.topic(topic);
    }

    void send(RegistrationRequest request) {
        send(Topic.REGISTRATION_REQUESTS, request.getName(), request);
    }

    void send(Topic topic, @Nullable String key, SpecificRecord event) {
        try (FirnAvroSerializer<SpecificRecord> serializer = new FirnAvroSerializer<>()) {
            serializer.configure(registry, false);
            send(topic, key, serializer.serialize(topic(topic), event));
        }
    }

    void send(Topic topic, @Nullable String key, byte @Nullable [] value) {
        byte[] keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
        try {
            producer(topic)
                    .send(new ProducerRecord<>(topic(topic), keyBytes, value))
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /// Sends without waiting for the broker.
    @SuppressWarnings("FutureReturnValueIgnored") // the test waits for what follows
    void sendAsync(Topic topic, String key, byte[] value) {
        producer(topic).send(new ProducerRecord<>(topic(topic), key.getBytes(StandardCharsets.UTF_8), value));
    }

    /// Workers write results; what else tests send is people's.
    private KafkaProducer<byte[], byte[]> producer(Topic topic) {
        StackUser user = topic == Topic.RETRIEVAL_RESULTS ? StackUser.RETRIEVAL_WORKER : StackUser.PRODUCER;
        return producers.computeIfAbsent(
                user,
                _ -> new KafkaProducer<>(stack.kafka(user), new ByteArraySerializer(), new ByteArraySerializer()));
    }

    private Map<String, Object> reading() {
        Map<String, Object> properties = stack.kafka(StackUser.OPERATOR);
        properties.put("isolation.level", "read_committed");
        properties.put("auto.offset.reset", "earliest");
        return properties;
    }

    Reader<RegistrationResult> results() {
        return reader(Topic.REGISTRATION_RESULTS, RegistrationResult.class);
    }

    Reader<FeatureView> views() {
        return reader(Topic.FEATURE_VIEWS, FeatureView.class);
    }

    <E extends SpecificRecord> Reader<E> reader(Topic topic, Class<E> type) {
        FirnAvroDeserializer<E> deserializer = new FirnAvroDeserializer<>(type);
        deserializer.configure(registry, false);
        KafkaConsumer<String, E> consumer = new KafkaConsumer<>(reading(), new StringDeserializer(), deserializer);
        Reader<E> reader = new Reader<>(consumer, topic(topic));
        readers.add(consumer);
        return reader;
    }

    Reader<byte[]> rawReader(Topic topic) {
        KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(reading(), new StringDeserializer(), new ByteArrayDeserializer());
        readers.add(consumer);
        return new Reader<>(consumer, topic(topic));
    }

    @Override
    public void close() {
        stop();
        producers.values().forEach(KafkaProducer::close);
        for (KafkaConsumer<?, ?> reader : readers) {
            reader.close();
        }
    }

    /// Reads a topic from its beginning and keeps its records.
    static final class Reader<E> {
        private final KafkaConsumer<String, E> consumer;
        private final List<ConsumerRecord<String, E>> read = new ArrayList<>();

        private Reader(KafkaConsumer<String, E> consumer, String topic) {
            this.consumer = consumer;
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        }

        /// The first record that matches; waits for it if necessary.
        ConsumerRecord<String, E> await(Predicate<E> wanted, String description) {
            long deadline = System.nanoTime() + LIMIT.toNanos();
            do {
                Optional<ConsumerRecord<String, E>> found = read.stream()
                        .filter(record -> record.value() != null && wanted.test(record.value()))
                        .findFirst();
                if (found.isPresent()) {
                    return found.get();
                }
                consumer.poll(Duration.ofMillis(50)).forEach(read::add);
            } while (System.nanoTime() < deadline);
            throw new AssertionError("no %2$s within %1$s; got %3$s".formatted(LIMIT, description, values()));
        }

        /// At least `count` values that match, in partition order.
        List<E> awaitMatching(Predicate<E> wanted, int count) {
            long deadline = System.nanoTime() + LIMIT.toNanos();
            do {
                List<E> found = values().stream().filter(wanted).toList();
                if (found.size() >= count) {
                    return found;
                }
                consumer.poll(Duration.ofMillis(50)).forEach(read::add);
            } while (System.nanoTime() < deadline);
            throw new AssertionError(
                    "expected %2$d matching records within %1$s; got %3$s".formatted(LIMIT, count, values()));
        }

        /// The records that arrive within `wait`; they are not kept.
        List<ConsumerRecord<String, E>> next(Duration wait) {
            List<ConsumerRecord<String, E>> next = new ArrayList<>();
            consumer.poll(wait).forEach(next::add);
            return next;
        }

        /// All values, once none arrived for `quiet`.
        List<E> all(Duration quiet) {
            var batch = consumer.poll(quiet);
            while (!batch.isEmpty()) {
                batch.forEach(read::add);
                batch = consumer.poll(quiet);
            }
            return values();
        }

        List<E> awaitCount(int count) {
            long deadline = System.nanoTime() + LIMIT.multipliedBy(3).toNanos();
            while (read.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(50)).forEach(read::add);
            }
            if (read.size() < count) {
                throw new AssertionError("expected %d records, got %d".formatted(count, read.size()));
            }
            return values();
        }

        List<ConsumerRecord<String, E>> records() {
            return List.copyOf(read);
        }

        private List<E> values() {
            return read.stream().map(ConsumerRecord::value).toList();
        }
    }
}
