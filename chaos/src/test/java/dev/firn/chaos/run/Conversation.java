package dev.firn.chaos.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.firn.chaos.check.Answer;
import dev.firn.chaos.check.Asked;
import dev.firn.chaos.check.History;
import dev.firn.events.RegistrationRequest;
import dev.firn.events.RegistrationResult;
import dev.firn.events.RegistrationStatus;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Topic;
import dev.firn.testkit.Waiting;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/// Sends requests and keeps what was sent and what was answered. A thread of its own reads the answers,
/// committed ones only. Thread-safe.
final class Conversation implements AutoCloseable {
    static final Duration LIMIT = Duration.ofMinutes(5);
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

    private final Deployment deployment;
    private final AvroCodec codec;
    private final KafkaProducer<byte[], byte[]> producer;
    private final List<Asked> asked = new ArrayList<>();
    private final List<Answer> answers = new ArrayList<>();
    private final Map<String, SpecificRecord> results = new ConcurrentHashMap<>();
    private final Thread reader;
    private volatile boolean closed;
    private volatile @Nullable RuntimeException failure;

    /// The topics must exist.
    Conversation(Deployment deployment) {
        this.deployment = deployment;
        String servers = deployment.stack.addresses().bootstrapServers();
        codec = AvroCodec.forServices(
                Map.of("schema.registry.url", deployment.stack.addresses().schemaRegistryUrl()));
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers, "linger.ms", 0, "delivery.timeout.ms", 180_000),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", servers,
                        "isolation.level", "read_committed",
                        "enable.auto.commit", "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = new ArrayList<>();
        for (Topic topic : List.of(Topic.REGISTRATION_RESULTS, Topic.RETRIEVAL_RESULTS)) {
            String name = deployment.namespace.topic(topic);
            Waiting.until(LIMIT, () -> !consumer.partitionsFor(name).isEmpty(), name);
            consumer.partitionsFor(name).forEach(info -> partitions.add(new TopicPartition(name, info.partition())));
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        reader = Thread.ofPlatform().name("answers").daemon().start(() -> read(consumer));
    }

    private void read(KafkaConsumer<byte[], byte[]> consumer) {
        try (consumer) {
            String registrations = deployment.namespace.topic(Topic.REGISTRATION_RESULTS);
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                    if (record.topic().equals(registrations)) {
                        keep(record, decoded(RegistrationResult.class, record));
                    } else {
                        keep(record, decoded(RetrievalResult.class, record));
                    }
                }
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private <T extends SpecificRecord> T decoded(Class<T> type, ConsumerRecord<byte[], byte[]> record) {
        return switch (codec.decode(type, record.value())) {
            case Decoded.Value<T>(T event) -> event;
            case Decoded.Undecodable<T> undecodable -> throw new AssertionError(undecodable);
        };
    }

    private synchronized void keep(ConsumerRecord<byte[], byte[]> record, RegistrationResult result) {
        boolean makesVersion = Set.of(
                        RegistrationStatus.REGISTERED, RegistrationStatus.UPDATED, RegistrationStatus.DROPPED)
                .contains(result.getStatus());
        Long version = result.getVersion();
        answers.add(new Answer(
                result.getRequestId(),
                result.getName(),
                result.getStatus() + " " + result.getVersion() + " " + result.getViolations(),
                makesVersion && version != null ? version.intValue() : 0,
                record.partition(),
                record.offset()));
        results.put(result.getRequestId(), result);
    }

    private synchronized void keep(ConsumerRecord<byte[], byte[]> record, RetrievalResult result) {
        String id = result.getRequestId();
        answers.add(new Answer(id, id, text(result), 0, record.partition(), record.offset()));
        results.put(result.getRequestId(), result);
    }

    /// Equal for equal events, whatever the order of their maps.
    private static String text(RetrievalResult result) {
        try {
            return JSON.writeValueAsString(EventJson.tree(result));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    void ask(RegistrationRequest request) {
        ask(Topic.REGISTRATION_REQUESTS, request.getName(), request.getRequestId(), request, null);
    }

    void ask(RetrievalRequest request) {
        ask(Topic.RETRIEVAL_REQUESTS, request.getRequestId(), request.getRequestId(), request, null);
    }

    /// Sends the request to a partition of choice, as a client with a partitioner of its own does.
    void ask(RetrievalRequest request, int partition) {
        ask(Topic.RETRIEVAL_REQUESTS, request.getRequestId(), request.getRequestId(), request, partition);
    }

    private void ask(Topic topic, String key, String id, SpecificRecord event, @Nullable Integer partition) {
        String name = deployment.namespace.topic(topic);
        RecordMetadata sent = send(
                new ProducerRecord<>(name, partition, key.getBytes(StandardCharsets.UTF_8), codec.encode(name, event)));
        synchronized (this) {
            asked.add(new Asked(id, key, sent.partition(), sent.offset()));
        }
    }

    /// Sends anything anywhere; it is not part of the history.
    RecordMetadata send(ProducerRecord<byte[], byte[]> record) {
        try {
            return producer.send(record).get();
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /// Waits until all of these ids have an answer.
    void awaitAnswers(Collection<String> ids) {
        Waiting.until(LIMIT, () -> missing(ids).isEmpty(), "answers to %d requests".formatted(ids.size()));
    }

    boolean isAnswered(String id) {
        return missing(List.of(id)).isEmpty();
    }

    private Set<String> missing(Collection<String> ids) {
        RuntimeException problem = failure;
        if (problem != null) {
            throw problem;
        }
        Set<String> missing = new HashSet<>(ids);
        missing.removeAll(results.keySet());
        return missing;
    }

    Optional<RetrievalResult> retrieval(String id) {
        return Optional.ofNullable((RetrievalResult) results.get(id));
    }

    Optional<RegistrationResult> registration(String id) {
        return Optional.ofNullable((RegistrationResult) results.get(id));
    }

    /// The part of the history that these ids belong to.
    synchronized History history(Collection<String> ids) {
        Set<String> wanted = new HashSet<>(ids);
        return new History(
                asked.stream().filter(one -> wanted.contains(one.id())).toList(),
                answers.stream().filter(one -> wanted.contains(one.id())).toList());
    }

    /// Answers of each id so far.
    synchronized Map<String, Integer> counts() {
        Map<String, Integer> counts = new HashMap<>();
        answers.forEach(answer -> counts.merge(answer.id(), 1, Integer::sum));
        return counts;
    }

    @Override
    public void close() {
        closed = true;
        try {
            reader.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(Duration.ofSeconds(5));
        codec.close();
    }
}
