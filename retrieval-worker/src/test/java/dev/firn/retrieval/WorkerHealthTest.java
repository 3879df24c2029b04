package dev.firn.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.retrieval.intake.Parking;
import dev.firn.retrieval.registry.ViewRegistry;
import dev.firn.schemas.Decoded;
import dev.firn.schemas.UndecodableCode;
import dev.firn.service.Backoff;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class WorkerHealthTest {
    private static final TopicPartition VIEWS = new TopicPartition("views", 0);

    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    private final Pollers pollers = new Pollers();
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");

    @Test
    void isNotLiveOnceTheRegistryIsNoLongerFollowed() throws Exception {
        try (ViewRegistry views = registry(new NullPointerException("says the test"))) {
            WorkerHealth health = health(views);
            assertThat(health.isLive()).isTrue();
            views.start();
            pollers.failed().await();
            assertThat(health.isLive()).isFalse();
            assertThat(health.isReady()).isFalse();
            assertThat(health.state()).isEqualTo("FAILED");
        }
    }

    @Test
    void namesTheViewsThatCannotBeDecodedAndWhenTheRegistryWasLastRead() {
        try (ViewRegistry views = registry(null)) {
            WorkerHealth health = health(views);
            views.start();
            while (views.undecoded().isEmpty()) {
                Thread.onSpinWait();
            }
            assertThat(health.details()).containsEntry("views-undecoded", "1: orders");
            assertThat(health.details()).containsEntry("views-last-read", "2026-03-01T00:00:00Z");
            assertThat(health.isLive()).isTrue();
        }
    }

    @Test
    void isNotReadyOnceItDrains() {
        try (ViewRegistry views = registry(null)) {
            WorkerHealth health = health(views);
            views.start();
            while (!health.isReady()) {
                Thread.onSpinWait();
            }
            assertThat(health.state()).isEqualTo("RUNNING");

            pollers.drain(Duration.ZERO);

            assertThat(health.isLive()).isTrue();
            assertThat(health.isReady()).isFalse();
            assertThat(health.state()).isEqualTo("DRAINING");
            assertThat(health.details()).containsEntry("requests-parked", "0");
        }
    }

    private WorkerHealth health(ViewRegistry views) {
        return new WorkerHealth(pollers, views, List.of(), new ParkedRequests(parking(1), parking(1)));
    }

    private static Parking parking(long maxBytes) {
        Parking parking = new Parking(
                new Backoff(Duration.ofMillis(1), Duration.ofMillis(1)), maxBytes, Clock.fixed(NOW, ZoneOffset.UTC));
        parking.close();
        return parking;
    }

    @Test
    void saysThatNothingMoreIsTakenWhileParkedCommandsFillTheirMemory() {
        ParkedRequests full = new ParkedRequests(parking(1), parking(0));
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        full.bindTo(meters);

        assertThat(full.details())
                .containsEntry("requests-parked-full", "0 of at most 0 bytes: nothing more of their kind is taken");
        assertThat(new ParkedRequests(parking(1), parking(1)).details()).doesNotContainKey("requests-parked-full");
        assertThat(meters.get("firn.retrieval.parked.bytes").gauges()).hasSize(2);
    }

    private ViewRegistry registry(@Nullable RuntimeException fault) {
        consumer.updatePartitions("views", List.of(new PartitionInfo("views", 0, null, null, null)));
        consumer.updateBeginningOffsets(Map.of(VIEWS, 0L));
        consumer.schedulePollTask(() -> consumer.addRecord(
                new ConsumerRecord<>("views", 0, 0, "orders".getBytes(StandardCharsets.UTF_8), new byte[5])));
        return new ViewRegistry(
                new ViewRegistry.Source("views", consumer, _ -> Map.of(VIEWS, 0L)),
                _ -> {
                    if (fault != null) {
                        throw fault;
                    }
                    return new Decoded.Undecodable<>(UndecodableCode.UNKNOWN_SCHEMA_ID, "says the test");
                },
                new ViewRegistry.Settings(Duration.ofSeconds(2), Duration.ofSeconds(10)),
                pollers.failed(),
                Clock.fixed(NOW, ZoneOffset.UTC));
    }
}
