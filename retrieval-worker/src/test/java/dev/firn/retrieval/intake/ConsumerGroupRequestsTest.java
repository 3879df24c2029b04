package dev.firn.retrieval.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ConsumerGroupRequestsTest {
    private static final TopicPartition P0 = new TopicPartition("requests", 0);
    private static final TopicPartition P1 = new TopicPartition("requests", 1);

    private final FailingConsumer consumer = new FailingConsumer();
    private final FakeTaker taker = new FakeTaker();
    private final ConsumerGroupRequests requests =
            new ConsumerGroupRequests(consumer, Map.of("requests", Lane.REQUESTS), Duration.ofSeconds(10));

    @BeforeEach
    void assign() {
        requests.start(taker);
        consumer.rebalance(List.of(P0, P1));
        consumer.updateBeginningOffsets(Map.of(P0, 0L, P1, 0L));
    }

    @Test
    void commitsAnOffsetOnlyWhenItsRequestIsAnswered() {
        add(P0, 0);
        requests.step();
        assertThat(committed(P0)).isNull();

        taker.answer("requests-0@0");
        requests.step();
        assertThat(committed(P0)).isEqualTo(new OffsetAndMetadata(1));
    }

    @Test
    void pausesWhileTheTakerHasNoRoomAndResumesAfterwards() {
        taker.room = false;
        requests.step();
        assertThat(consumer.paused()).containsExactlyInAnyOrder(P0, P1);

        taker.room = true;
        requests.step();
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void cancelsTheRequestsOfARevokedPartitionAndCommitsTheAnsweredOnes() {
        add(P0, 0);
        add(P0, 1);
        add(P1, 0);
        requests.step();
        taker.answer("requests-0@0");
        consumer.rebalance(List.of(P1));
        // the mock commits and reads offsets of assigned partitions only
        consumer.rebalance(List.of(P0, P1));

        assertThat(taker.cancelled).containsExactly("requests-0@1");
        assertThat(committed(P0)).isEqualTo(new OffsetAndMetadata(1));
    }

    @Test
    void ignoresALateAnswerOfARevokedPartition() {
        add(P0, 0);
        requests.step();
        consumer.rebalance(List.of(P1));
        consumer.rebalance(List.of(P0, P1));
        taker.answer("requests-0@0");
        requests.step();

        assertThat(committed(P0)).isNull();
    }

    @Test
    void commitsNothingOfALostPartition() {
        add(P0, 0);
        requests.step();
        taker.answer("requests-0@0");
        requests.onPartitionsLost(List.of(P0));
        requests.step();

        assertThat(committed(P0)).isNull();
    }

    /// The group coordinator may be gone while partitions are revoked. The requests are answered again elsewhere.
    @Test
    void cancelsTheRequestsOfARevokedPartitionEvenIfTheLastCommitFails() {
        add(P0, 0);
        add(P0, 1);
        requests.step();
        taker.answer("requests-0@0");
        consumer.failNextSyncCommit();
        consumer.rebalance(List.of(P1));
        consumer.rebalance(List.of(P0, P1));

        assertThat(taker.cancelled).containsExactly("requests-0@1");
        assertThat(committed(P0)).isNull();

        add(P0, 0);
        requests.step();
        taker.answer("requests-0@0");
        requests.step();
        assertThat(committed(P0)).isEqualTo(new OffsetAndMetadata(1));
    }

    @Test
    void closesTheConsumerEvenIfTheLastCommitFails() {
        add(P0, 0);
        requests.step();
        taker.answer("requests-0@0");
        consumer.failNextSyncCommit();
        requests.close();
        requests.run(taker);

        assertThat(consumer.closed()).isTrue();
        assertThat(consumer.failsNextSyncCommit).isFalse();
    }

    /// More workers than partitions: the others stand by.
    @Test
    void isHealthyOnceItHasJoinedEvenWithoutPartitions() {
        requests.step();
        assertThat(requests.isHealthy()).isTrue();

        consumer.rebalance(List.of());
        requests.step();
        assertThat(requests.isHealthy()).isTrue();

        requests.onPartitionsLost(List.of());
        requests.step();
        assertThat(requests.isHealthy()).isFalse();
    }

    @Test
    void finishesRunningRequestsWhileItDrainsAndHandsOverTheOthers() {
        add(P0, 0);
        add(P1, 0);
        taker.running.add("requests-0@0");
        requests.step();
        requests.drain(Duration.ofHours(1));
        add(P0, 1);
        requests.step();
        assertThat(taker.cancelled).containsExactly("requests-1@0");
        assertThat(consumer.paused()).containsExactlyInAnyOrder(P0, P1);
        assertThat(taker.taken).doesNotContainKey("requests-0@1");

        taker.answer("requests-0@0");
        requests.run(taker);
        assertThat(consumer.closed()).isTrue();
        assertThat(consumer.lastCommit).isEqualTo(Map.of(P0, new OffsetAndMetadata(1)));
    }

    @Test
    void cancelsWhatStillRunsAfterTheDrainTimeout() {
        add(P0, 0);
        taker.running.add("requests-0@0");
        requests.step();
        requests.drain(Duration.ZERO);
        requests.run(taker);

        assertThat(taker.cancelled).containsExactly("requests-0@0");
        assertThat(consumer.closed()).isTrue();
    }

    private void add(TopicPartition partition, long offset) {
        consumer.addRecord(new ConsumerRecord<>(
                partition.topic(), partition.partition(), offset, "id".getBytes(StandardCharsets.UTF_8), new byte[0]));
    }

    @SuppressWarnings("NullAway")
    private @Nullable OffsetAndMetadata committed(TopicPartition partition) {
        return consumer.committed(Set.of(partition)).get(partition);
    }

    /// Can fail a synchronous commit.
    private static final class FailingConsumer extends MockConsumer<byte[], byte[]> {
        private boolean failsNextSyncCommit;
        private Map<TopicPartition, OffsetAndMetadata> lastCommit = Map.of();

        FailingConsumer() {
            super("earliest");
        }

        void failNextSyncCommit() {
            failsNextSyncCommit = true;
        }

        @Override
        public synchronized void commitAsync(
                Map<TopicPartition, OffsetAndMetadata> offsets, @Nullable OffsetCommitCallback callback) {
            lastCommit = offsets;
            super.commitAsync(offsets, callback);
        }

        @Override
        public synchronized void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
            if (failsNextSyncCommit) {
                failsNextSyncCommit = false;
                throw new TimeoutException("the coordinator does not answer, says the test");
            }
            lastCommit = offsets;
            super.commitSync(offsets, timeout);
        }
    }

    private static final class FakeTaker implements RequestSource.Taker {
        private final Map<String, Runnable> taken = new HashMap<>();
        private final List<String> cancelled = new ArrayList<>();
        private final Set<String> running = new HashSet<>();
        private boolean room = true;

        void answer(String coordinates) {
            Runnable answered = taken.get(coordinates);
            if (answered == null) {
                throw new AssertionError(coordinates + " was not taken, only " + new HashSet<>(taken.keySet()));
            }
            answered.run();
        }

        @Override
        public boolean hasRoom(Lane lane) {
            return room;
        }

        @Override
        public void take(TakenRequest request, Runnable answered) {
            taken.put(request.coordinates(), answered);
        }

        @Override
        public void cancel(TakenRequest request) {
            cancelled.add(request.coordinates());
        }

        @Override
        public boolean cancelUnlessRunning(TakenRequest request) {
            if (running.contains(request.coordinates())) {
                return false;
            }
            cancel(request);
            return true;
        }
    }
}
