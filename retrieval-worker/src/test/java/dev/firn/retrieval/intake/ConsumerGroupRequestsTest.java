package dev.firn.retrieval.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ConsumerGroupRequestsTest {
    private static final TopicPartition P0 = new TopicPartition("requests", 0);
    private static final TopicPartition P1 = new TopicPartition("requests", 1);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final FakeTaker taker = new FakeTaker();
    private final ConsumerGroupRequests requests =
            new ConsumerGroupRequests(consumer, Map.of("requests", Lane.REQUESTS));

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
        // the mock tells of assigned partitions only
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

    private void add(TopicPartition partition, long offset) {
        consumer.addRecord(new ConsumerRecord<>(
                partition.topic(), partition.partition(), offset, "id".getBytes(StandardCharsets.UTF_8), new byte[0]));
    }

    @SuppressWarnings("NullAway")
    private @Nullable OffsetAndMetadata committed(TopicPartition partition) {
        return consumer.committed(Set.of(partition)).get(partition);
    }

    private static final class FakeTaker implements RequestSource.Taker {
        private final Map<String, Runnable> taken = new HashMap<>();
        private final List<String> cancelled = new ArrayList<>();
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
    }
}
