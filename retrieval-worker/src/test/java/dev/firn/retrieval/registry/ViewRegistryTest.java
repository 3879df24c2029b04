package dev.firn.retrieval.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.retrieval.answer.TransientFault;
import dev.firn.retrieval.job.Cancellation;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.UndecodableCode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ViewRegistryTest {
    private static final TopicPartition ONE = new TopicPartition("views", 0);
    private static final TopicPartition ANOTHER = new TopicPartition("views", 1);

    private volatile boolean away = true;
    private volatile @Nullable TopicPartition askedFirst;

    /// Otherwise the views of a partition without a position would be unknown forever.
    @Test
    void waitsForThePositionOfEveryPartition() {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest") {
            @Override
            public synchronized long position(TopicPartition partition) {
                if (askedFirst == null) {
                    askedFirst = partition;
                }
                if (away && !partition.equals(askedFirst)) {
                    throw new TimeoutException("says the test");
                }
                return super.position(partition);
            }
        };
        consumer.updatePartitions(
                "views",
                List.of(
                        new PartitionInfo("views", 0, null, null, null),
                        new PartitionInfo("views", 1, null, null, null)));
        consumer.updateBeginningOffsets(Map.of(ONE, 0L, ANOTHER, 0L));
        try (ViewRegistry registry = new ViewRegistry(
                "views",
                consumer,
                partitions -> {
                    assertThat(partitions).containsExactlyInAnyOrder(ONE, ANOTHER);
                    return Map.of(ONE, 0L, ANOTHER, 0L);
                },
                bytes -> new Decoded.Undecodable<>(UndecodableCode.MALFORMED, "says the test"),
                Duration.ofSeconds(2))) {
            registry.start();
            assertThatThrownBy(() -> registry.current(new Cancellation())).isInstanceOf(TransientFault.class);
            assertThat(registry.isReady()).isFalse();

            away = false;
            registry.current(new Cancellation());
            assertThat(registry.isReady()).isTrue();
        }
    }
}
