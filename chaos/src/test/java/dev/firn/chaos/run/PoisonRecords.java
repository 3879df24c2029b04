package dev.firn.chaos.run;

import dev.firn.chaos.check.History;
import dev.firn.schemas.Topic;
import dev.firn.testkit.FaultyLink.Fault;
import dev.firn.testkit.Waiting;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/// Bytes that cannot be decoded among good registrations, while the schema registry hangs for some of the time:
/// each good one is answered, and each poison one is a dead letter.
final class PoisonRecords implements Scenario {
    private static final int NIGHTLY_RECORDS = 10_000;
    private static final int POISON_EVERY = 10;
    /// So many that fewer registrations of one view wait than may.
    private static final int VIEWS = 200;

    private static final int NIGHTLY_SECONDS_WITHOUT_REGISTRY = 60;
    private static final int UNKNOWN_SCHEMA = 987_654;

    @Override
    public String fault() {
        return "poison records, and the schema registry hangs";
    }

    @Override
    public Outcome run(ChaosRun run) {
        Outcome.Builder outcome = Outcome.of(fault());
        List<String> ids = new ArrayList<>();
        String views = run.id("poisoned").replace('-', '_');
        long deadBefore = deadLetters(run);
        int records = Math.max(POISON_EVERY * kinds().size(), run.plan.scaled(NIGHTLY_RECORDS));
        try (ScheduledExecutorService healing = Executors.newSingleThreadScheduledExecutor()) {
            send(run, 0, records / 3, views, ids);
            run.deployment.registry.fail(Fault.HANG);
            var healed = healing.schedule(
                    run.deployment.registry::heal, run.plan.scaled(NIGHTLY_SECONDS_WITHOUT_REGISTRY), TimeUnit.SECONDS);
            send(run, records / 3, records, views, ids);
            int poison = records - ids.size();
            outcome.fired(poison);
            long sent = System.nanoTime();
            run.conversation.awaitAnswers(ids);
            outcome.recovered(sent);
            Waiting.until(
                    Conversation.LIMIT,
                    () -> deadLetters(run) - deadBefore >= poison,
                    "%d dead letters".formatted(poison));
            if (deadLetters(run) - deadBefore > poison) {
                outcome.wrong(List.of(
                        "%d dead letters of %d poison records".formatted(deadLetters(run) - deadBefore, poison)));
            }
            healed.cancel(false);
        } finally {
            run.deployment.heal();
        }
        History history = run.conversation.history(ids);
        outcome.wrong(run.notRegistered(ids))
                .wrong(history.answeredTwice())
                .wrong(history.outOfOrder())
                .wrong(history.versionsWithGapsOrRepeats());
        return outcome.build(history);
    }

    /// Adds the ids of the good ones to `ids`.
    private static void send(ChaosRun run, int from, int until, String views, List<String> ids) {
        for (int i = from; i < until; i++) {
            if (i % POISON_EVERY == 0) {
                run.conversation.send(new ProducerRecord<>(
                        run.deployment.namespace.topic(Topic.REGISTRATION_REQUESTS),
                        "poison".getBytes(StandardCharsets.UTF_8),
                        kinds().get(i / POISON_EVERY % kinds().size())));
            } else {
                String id = run.id("beside-poison");
                ids.add(id);
                run.conversation.ask(run.view(id, views + "_" + i % VIEWS, ChaosRun.VIEW, "value")
                        .setDescription("record " + i)
                        .build());
            }
        }
    }

    private static List<byte @Nullable []> kinds() {
        return Arrays.asList(
                null,
                new byte[0],
                new byte[] {0},
                new byte[] {1, 2, 3, 4, 5, 6},
                "not avro at all".getBytes(StandardCharsets.UTF_8),
                "{\"request_id\": \"json\"}".getBytes(StandardCharsets.UTF_8),
                framed(UNKNOWN_SCHEMA, new byte[] {2, 'a'}),
                framed(-1, new byte[] {2, 'a'}),
                framed(Integer.MAX_VALUE, new byte[0]),
                new byte[] {(byte) 0xC3, 0x01, 0, 0, 0, 0, 0, 0, 0, 0},
                new byte[] {(byte) 0x89, 'P', 'N', 'G'},
                new byte[100_000]);
    }

    private static byte[] framed(int schema, byte[] avro) {
        return ByteBuffer.allocate(1 + Integer.BYTES + avro.length)
                .put((byte) 0)
                .putInt(schema)
                .put(avro)
                .array();
    }

    /// How many dead letters are committed.
    private static long deadLetters(ChaosRun run) {
        String topic = run.deployment.namespace.topic(Topic.DEAD_LETTERS);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", run.deployment.stack.addresses().bootstrapServers(),
                        "isolation.level", "read_committed",
                        "enable.auto.commit", "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long count = 0;
            while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
                count += consumer.poll(Duration.ofMillis(200)).count();
            }
            return count;
        }
    }
}
