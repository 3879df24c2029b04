package dev.firn.gateway.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.gateway.problem.Problem;
import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.Topic;
import dev.firn.testkit.Waiting;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

final class FollowerTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    /// Port 9 is discard: nobody listens there.
    private static final Map<String, Object> NOBODY = Map.of("bootstrap.servers", "127.0.0.1:9");

    @Test
    void saysThatKafkaIsAwayWhenItCannotReadUpToTheEnd() {
        try (Admin admin = Admin.create(NOBODY);
                Follower follower = new Follower(
                        Namespace.DEFAULT,
                        new KafkaConsumer<>(NOBODY, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                        admin,
                        Clock.systemUTC())) {
            follower.add(Topic.FEATURE_VIEWS, new Follower.From.Beginning(), _ -> {});
            follower.start();

            assertThat(follower.isReady()).isFalse();
            assertThatThrownBy(() -> follower.awaitEnd(Topic.FEATURE_VIEWS, Duration.ofMillis(50)))
                    .isInstanceOfSatisfying(Refusal.class, e -> {
                        assertThat(e.problem().code()).isEqualTo(Code.KAFKA_UNAVAILABLE);
                        assertThat(e.problem().status()).isEqualTo(Problem.UNAVAILABLE);
                    });
            assertThat(follower.isAlive()).isTrue();
        }
    }

    /// Between two denials of one topic the brokers may let others be read.
    @Test
    void saysForAWhileThatTheBrokersDenyATopic() {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        String name = Namespace.DEFAULT.topic(Topic.FEATURE_VIEWS);
        TopicPartition partition = new TopicPartition(name, 0);
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
        consumer.updatePartitions(name, List.of(new PartitionInfo(name, 0, null, new Node[0], new Node[0])));
        consumer.updateBeginningOffsets(Map.of(partition, 0L));
        consumer.updateEndOffsets(Map.of(partition, 0L));
        AtomicInteger read = new AtomicInteger();
        try (Admin admin = Admin.create(NOBODY);
                Follower follower = new Follower(Namespace.DEFAULT, consumer, admin, clock(now))) {
            follower.add(Topic.FEATURE_VIEWS, new Follower.From.Beginning(), _ -> read.incrementAndGet());
            consumer.schedulePollTask(() -> consumer.setPollException(new TopicAuthorizationException(Set.of(name))));
            consumer.schedulePollTask(
                    () -> consumer.addRecord(new ConsumerRecord<>(name, 0, 0, new byte[0], new byte[0])));
            assertThat(follower.denial()).isEmpty();
            follower.start();

            Waiting.until(LIMIT, () -> read.get() == 1, "a record that is read after the denial");
            assertThat(follower.denial())
                    .hasValueSatisfying(reason -> assertThat(reason).contains(name));
            now.set(Instant.EPOCH.plusSeconds(6));
            assertThat(follower.denial()).isEmpty();
            assertThat(follower.isAlive()).isTrue();
        }
    }

    private static Clock clock(AtomicReference<Instant> now) {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return Objects.requireNonNull(now.get());
            }
        };
    }
}
