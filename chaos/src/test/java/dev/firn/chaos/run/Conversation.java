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
import dev.firn.events.RetrievalAction;
import dev.firn.events.RetrievalCommand;
import dev.firn.events.RetrievalRequest;
import dev.firn.events.RetrievalResult;
import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.EventJson;
import dev.firn.schemas.Topic;
import dev.firn.testkit.Waiting;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
    private static final Duration LIMIT_OF_ONE = Duration.ofMillis(500);
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

    private final Deployment deployment;
    private final AvroCodec codec;
    private final KafkaProducer<byte[], byte[]> producer;
    private final List<Asked> asked = new ArrayList<>();
    private final List<Answer> answers = new ArrayList<>();
    private final Map<String, SpecificRecord> results = new ConcurrentHashMap<>();
    private final Thread reader;
    private final Map<String, CompletableFuture<RetrievalResult>> promises = new ConcurrentHashMap<>();
    private final Map<String, Long> askedAt = new ConcurrentHashMap<>();
    private final Map<String, Long> answeredAt = new ConcurrentHashMap<>();
    /// Up to where the answers of each partition were read.
    private final Map<TopicPartition, Long> read = new ConcurrentHashMap<>();
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
                consumer.assignment().forEach(partition -> read.put(partition, consumer.position(partition)));
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
        answeredAt.putIfAbsent(id, System.nanoTime());
        answers.add(new Answer(id, id, text(result), 0, record.partition(), record.offset()));
        results.put(result.getRequestId(), result);
        CompletableFuture<RetrievalResult> promised = promises.remove(id);
        if (promised != null) {
            promised.complete(result);
        }
    }

    /// The first answer to a retrieval that is not sent yet.
    CompletableFuture<RetrievalResult> promise(String id) {
        return promises.computeIfAbsent(id, _ -> new CompletableFuture<>());
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

    /// Sends the request as a client does whose clock is wrong.
    void ask(RetrievalRequest request, Instant clock) {
        String name = deployment.namespace.topic(Topic.RETRIEVAL_REQUESTS);
        RecordMetadata sent = send(new ProducerRecord<>(
                name,
                null,
                clock.toEpochMilli(),
                request.getRequestId().getBytes(StandardCharsets.UTF_8),
                codec.encode(name, request)));
        synchronized (this) {
            asked.add(new Asked(request.getRequestId(), request.getRequestId(), sent.partition(), sent.offset()));
        }
    }

    /// Sends an event whose answers, if there are any, have other ids.
    void tell(Topic topic, String key, SpecificRecord event) {
        String name = deployment.namespace.topic(topic);
        send(new ProducerRecord<>(name, key.getBytes(StandardCharsets.UTF_8), codec.encode(name, event)));
    }

    /// Cancels the retrieval by two commands in two partitions.
    void cancelTwice(String id) {
        String name = deployment.namespace.topic(Topic.RETRIEVAL_COMMANDS);
        RetrievalCommand command = RetrievalCommand.newBuilder()
                .setRequestId(id)
                .setAction(RetrievalAction.CANCEL)
                .build();
        for (int partition = 0; partition < 2; partition++) {
            send(new ProducerRecord<>(
                    name, partition, id.getBytes(StandardCharsets.UTF_8), codec.encode(name, command)));
        }
    }

    /// Sends the request to a partition of choice, as a client with a partitioner of its own does.
    void ask(RetrievalRequest request, int partition) {
        ask(Topic.RETRIEVAL_REQUESTS, request.getRequestId(), request.getRequestId(), request, partition);
    }

    private void ask(Topic topic, String key, String id, SpecificRecord event, @Nullable Integer partition) {
        String name = deployment.namespace.topic(topic);
        askedAt.putIfAbsent(id, System.nanoTime());
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

    /// Waits until all of these ids have an answer; the more they are, the longer.
    void awaitAnswers(Collection<String> ids) {
        awaitAnswers(ids, LIMIT.plus(LIMIT_OF_ONE.multipliedBy(ids.size())));
    }

    void awaitAnswers(Collection<String> ids, Duration limit) {
        Deque<String> open = new ArrayDeque<>(ids);
        Waiting.until(
                limit,
                () -> {
                    requireReading();
                    while (!open.isEmpty() && results.containsKey(open.getFirst())) {
                        open.removeFirst();
                    }
                    return open.isEmpty();
                },
                "answers to %d requests".formatted(ids.size()));
    }

    /// From the sending of a request to the arrival of its first answer.
    Duration latency(String id) {
        return Duration.ofNanos(answeredAt.getOrDefault(id, 0L) - askedAt.getOrDefault(id, 0L));
    }

    boolean isAnswered(String id) {
        requireReading();
        return results.containsKey(id);
    }

    private void requireReading() {
        RuntimeException problem = failure;
        if (problem != null) {
            throw problem;
        }
    }

    Optional<RetrievalResult> retrieval(String id) {
        return Optional.ofNullable((RetrievalResult) results.get(id));
    }

    Optional<RegistrationResult> registration(String id) {
        return Optional.ofNullable((RegistrationResult) results.get(id));
    }

    /// The results of a standing retrieval's runs so far.
    List<RetrievalResult> runs(String standingId) {
        return results.values().stream()
                .filter(result -> result instanceof RetrievalResult run && standingId.equals(run.getStandingId()))
                .map(RetrievalResult.class::cast)
                .toList();
    }

    /// Requests that the workers have put behind them without an answer: a crash would lose them. Reads the committed
    /// offsets first, then waits until all answers that exist by then have been read.
    List<String> committedUnanswered(Collection<String> ids) {
        CommittedOffsets offsets = new CommittedOffsets(deployment);
        Map<Integer, Long> committed = offsets.ofRequests();
        Map<TopicPartition, Long> ends = offsets.ends(read.keySet());
        Waiting.until(
                LIMIT,
                () -> ends.entrySet().stream().allMatch(end -> read.getOrDefault(end.getKey(), 0L) >= end.getValue()),
                "all answers to be read");
        return history(ids).committedUnanswered(committed);
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
