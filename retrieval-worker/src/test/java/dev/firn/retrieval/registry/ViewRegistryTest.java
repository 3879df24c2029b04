package dev.firn.retrieval.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.events.FeatureView;
import dev.firn.retrieval.answer.TransientFault;
import dev.firn.retrieval.answer.UndecodedView;
import dev.firn.retrieval.job.Cancellation;
import dev.firn.retrieval.job.Given;
import dev.firn.retrieval.job.Views;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.UndecodableCode;
import dev.firn.service.event.EventDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class ViewRegistryTest {
    private static final TopicPartition ONE = new TopicPartition("views", 0);
    private static final TopicPartition ANOTHER = new TopicPartition("views", 1);
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final CountDownLatch failed = new CountDownLatch(1);
    private final Map<TopicPartition, Long> ends = new ConcurrentHashMap<>(Map.of(ONE, 0L, ANOTHER, 0L));
    /// What the decoder refuses, by name, and how.
    private final Set<String> undecodable = ConcurrentHashMap.newKeySet();
    private final Set<String> unavailable = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Throwable thrown;
    private volatile boolean away;
    private volatile @Nullable TopicPartition askedFirst;

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest") {
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
    private final ViewRegistry registry = new ViewRegistry(
            new ViewRegistry.Source("views", consumer, partitions -> {
                assertThat(partitions).containsExactlyInAnyOrder(ONE, ANOTHER);
                return ends;
            }),
            decoder(),
            new ViewRegistry.Settings(LIMIT, Duration.ofMillis(20)),
            failed,
            Clock.systemUTC());

    ViewRegistryTest() {
        consumer.updatePartitions(
                "views",
                List.of(
                        new PartitionInfo("views", 0, null, null, null),
                        new PartitionInfo("views", 1, null, null, null)));
        consumer.updateBeginningOffsets(Map.of(ONE, 0L, ANOTHER, 0L));
    }

    @AfterEach
    void close() {
        registry.close();
    }

    /// Otherwise the views of a partition without a position would be unknown forever.
    @Test
    void waitsForThePositionOfEveryPartition() {
        away = true;
        registry.start();
        assertThatThrownBy(this::current).isInstanceOf(TransientFault.class);
        assertThat(registry.isReady()).isFalse();

        away = false;
        current();
        assertThat(registry.isReady()).isTrue();
    }

    @Test
    void requestsWaitForAViewThatCannotBeDecodedAndOthersDoNot() throws Exception {
        undecodable.add("bad");
        unavailable.add("later");
        started();
        put("good", "bad", "later");

        Views views = current();
        assertThat(views.find("good")).isPresent();
        assertThat(views.find("never-registered")).isEmpty();
        assertThatThrownBy(() -> views.find("bad"))
                .isInstanceOf(UndecodedView.class)
                .hasMessageContaining("[view bad] its record cannot be decoded: MALFORMED");
        assertThatThrownBy(() -> views.find("later")).isInstanceOf(UndecodedView.class);
        assertThat(registry.undecoded()).containsOnlyKeys("bad", "later");

        undecodable.clear();
        unavailable.clear();
        until(() -> registry.undecoded().isEmpty());
        assertThat(current().find("bad")).isPresent();
        assertThat(current().find("later")).isPresent();
        assertThat(failed.getCount()).isEqualTo(1);
    }

    /// The old definition must not be served: nobody knows what the new record says.
    @Test
    void aViewWhoseNewestRecordCannotBeDecodedIsNotServedFromAnOlderOne() {
        started();
        put("orders");
        assertThat(current().find("orders")).isPresent();
        undecodable.add("orders");
        put("orders");
        assertThatThrownBy(() -> current().find("orders")).isInstanceOf(UndecodedView.class);

        consumer.addRecord(new ConsumerRecord<>("views", 0, end(ONE), bytes("orders"), null));
        ends.merge(ONE, 1L, Long::sum);
        assertThat(current().find("orders")).isEmpty();
        assertThat(registry.undecoded()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(classes = {NullPointerException.class, OutOfMemoryError.class, StackOverflowError.class})
    void anythingThatEndsTheFollowingEndsTheProcess(Class<? extends Throwable> type) throws Exception {
        started();
        thrown = type.getConstructor(String.class).newInstance("says the test");
        put("orders");
        failed.await();
        until(consumer::closed);
        assertThatThrownBy(this::current).isInstanceOf(TransientFault.class);
    }

    private EventDecoder<FeatureView> decoder() {
        return bytes -> {
            String name = new String(bytes, StandardCharsets.UTF_8);
            Throwable now = thrown;
            if (now instanceof RuntimeException fault) {
                throw fault;
            }
            if (now instanceof Error fault) {
                throw fault;
            }
            if (unavailable.contains(name)) {
                throw new TransientFault("says the test");
            }
            return undecodable.contains(name)
                    ? new Decoded.Undecodable<>(UndecodableCode.MALFORMED, "says the test")
                    : new Decoded.Value<>(Given.view(name));
        };
    }

    private void started() {
        registry.start();
        current();
    }

    private Views current() {
        return registry.current(new Cancellation());
    }

    private void put(String... names) {
        for (String name : names) {
            consumer.addRecord(new ConsumerRecord<>("views", 0, end(ONE), bytes(name), bytes(name)));
            ends.merge(ONE, 1L, Long::sum);
        }
    }

    private long end(TopicPartition partition) {
        return ends.getOrDefault(partition, 0L);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }
}
