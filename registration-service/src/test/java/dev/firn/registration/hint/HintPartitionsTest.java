package dev.firn.registration.hint;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HintPartitionsTest {
    private static final String TOPIC = "events";
    private static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("latest");
    private final HintPartitions partitions = new HintPartitions(consumer, TOPIC);

    @BeforeEach
    void offsets() {
        consumer.updateBeginningOffsets(Map.of(FIRST, 3L));
        consumer.updateEndOffsets(Map.of(FIRST, 50L));
    }

    @Test
    void readsATopicThatIsThereFromItsEnd() {
        exists(1);
        assertThat(partitions.refresh()).isTrue();
        assertThat(consumer.position(FIRST)).isEqualTo(50);
    }

    @Test
    void readsATopicThatComesLaterFromItsBeginning() {
        assertThat(partitions.refresh()).isFalse();
        exists(1);
        assertThat(partitions.refresh()).isTrue();
        assertThat(consumer.position(FIRST)).isEqualTo(3);
    }

    @Test
    void leavesOutWhatIsTooMuch() {
        exists(1);
        partitions.refresh();
        consumer.updateEndOffsets(Map.of(FIRST, 151L));
        consumer.addRecord(new ConsumerRecord<>(TOPIC, 0, 50, new byte[0], new byte[0]));
        consumer.poll(Duration.ZERO);
        assertThat(partitions.skipOld(100)).isZero();
        assertThat(consumer.position(FIRST)).isEqualTo(51);

        assertThat(partitions.skipOld(99)).isEqualTo(100);
        assertThat(consumer.position(FIRST)).isEqualTo(151);
    }

    private void exists(int count) {
        List<PartitionInfo> all = IntStream.range(0, count)
                .mapToObj(number -> new PartitionInfo(TOPIC, number, Node.noNode(), new Node[0], new Node[0]))
                .toList();
        consumer.updatePartitions(TOPIC, all);
    }
}
