package dev.firn.retrieval.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.service.Backoff;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// 100 short requests behind 10 long ones, on three workers of two slots with 48 partitions. The long ones end
/// only after all short ones are answered, so a short one that waits for a long one fails the test.
@Timeout(60)
final class ShortBehindLongTest {
    private static final Logger log = LoggerFactory.getLogger(ShortBehindLongTest.class);
    private static final int WORKERS = 3;
    private static final int PARTITIONS = 48;
    private static final int LONG = 10;
    private static final int SHORT = 100;
    private static final Duration EXPRESS_TIME = Duration.ofMillis(100);

    private final CountDownLatch shortsAnswered = new CountDownLatch(SHORT);
    private final CountDownLatch longsAnswered = new CountDownLatch(LONG);
    private final Queue<Throwable> escaped = new ConcurrentLinkedQueue<>();

    @Test
    void shortRequestsAreAnsweredWhileLongOnesRun() throws InterruptedException {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = records();
        List<Thread> threads = new ArrayList<>();
        List<Worker> workers = IntStream.range(0, WORKERS)
                .mapToObj(worker -> new Worker(records.entrySet().stream()
                        .filter(entry -> entry.getKey().partition() % WORKERS == worker)
                        .collect(HashMap::new, (m, e) -> m.put(e.getKey(), e.getValue()), Map::putAll)))
                .toList();
        long start = System.nanoTime();
        workers.forEach(worker -> threads.add(Thread.ofPlatform().start(worker::poll)));
        assertThat(shortsAnswered.await(30, TimeUnit.SECONDS))
                .as("short requests that still wait: %d", shortsAnswered.getCount())
                .isTrue();
        log.atInfo()
                .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
                .log("All short requests are answered");
        assertThat(longsAnswered.getCount()).isEqualTo(LONG);

        longsMayEnd.countDown();
        assertThat(longsAnswered.await(30, TimeUnit.SECONDS)).isTrue();
        for (Worker worker : workers) {
            worker.close();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(escaped).isEmpty();
    }

    private final CountDownLatch longsMayEnd = new CountDownLatch(1);

    /// Long requests first in their partitions, all at one time.
    private static Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records() {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
        for (int i = 0; i < LONG + SHORT; i++) {
            String id = (i < LONG ? "long-" : "short-") + i;
            TopicPartition partition = new TopicPartition("requests", Math.floorMod(id.hashCode(), PARTITIONS));
            List<ConsumerRecord<byte[], byte[]>> of = records.computeIfAbsent(partition, _ -> new ArrayList<>());
            of.add(new ConsumerRecord<>(
                    "requests", partition.partition(), of.size(), id.getBytes(StandardCharsets.UTF_8), new byte[0]));
        }
        return records;
    }

    private final class Worker {
        private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
        private final ConsumerGroupRequests requests =
                new ConsumerGroupRequests(consumer, Map.of("requests", Lane.REQUESTS), Duration.ofSeconds(10));
        private final Slots slots = slots();
        private final Parking parking =
                new Parking(new Backoff(Duration.ofMillis(1), Duration.ofMillis(1)), 1 << 20, Clock.systemUTC());
        private final SlotTaker taker = new SlotTaker(slots, parking, (request, _) -> turn(request));

        Worker(Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records) {
            requests.start(taker);
            consumer.rebalance(records.keySet());
            Map<TopicPartition, Long> beginnings = new HashMap<>();
            records.keySet().forEach(partition -> beginnings.put(partition, 0L));
            consumer.updateBeginningOffsets(beginnings);
            consumer.setMaxPollRecords(2);
            records.values().forEach(of -> of.forEach(consumer::addRecord));
        }

        private Slots slots() {
            return new Slots(2, new Slots.Express(1, EXPRESS_TIME), () -> true, escaped::add);
        }

        void poll() {
            while (longsAnswered.getCount() > 0) {
                requests.step();
            }
        }

        void close() {
            parking.close();
            slots.close();
        }
    }

    private Turn turn(TakenRequest request) {
        if (request.keyText().orElseThrow().startsWith("short")) {
            shortsAnswered.countDown();
        } else {
            while (longsMayEnd.getCount() > 0) {
                request.cancellation().pause(Duration.ofMillis(5));
            }
            longsAnswered.countDown();
        }
        return new Turn.Answered();
    }
}
