package dev.firn.gateway.kafka;

import dev.firn.gateway.problem.Refusal;
import dev.firn.schemas.Code;
import dev.firn.schemas.Namespace;
import dev.firn.schemas.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows topics on one thread and hands each committed record to its topic's reader, in order within a partition.
///
/// **Read your writes.** [#awaitEnd] waits until everything that is written when it is called has been handed over. It
/// takes the read_uncommitted ends and waits for the read_committed position, because the markers of a transaction
/// reach partitions one by one: when the answer to a registration is visible, the view itself may not be yet.
///
/// **Faults.** While Kafka or the schema registry does not answer, or the brokers deny a topic, the thread tries again
/// from the same record.
/// Anything else would leave a copy that no longer changes, so it counts `failed` down and the process ends.
///
/// Thread-safe.
public final class Follower implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Follower.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long RETRY_PAUSE_MILLIS = 500;
    private static final Duration DENIAL_COUNTS = Duration.ofSeconds(5);
    private static final long CLOSE_SECONDS = 5;

    private final Namespace namespace;
    private final Consumer<byte[], byte[]> consumer;
    private final Admin admin;
    private final Clock clock;
    private final CountDownLatch failed = new CountDownLatch(1);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Map<Topic, Followed> topics = new EnumMap<>(Topic.class);
    private final Map<String, Followed> byName = new HashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final Thread thread;
    private volatile Instant lastProgress;
    private volatile @Nullable Denial denial;
    private boolean isPositioned;

    /// Where to begin to read a topic.
    public sealed interface From {
        /// At its beginning.
        record Beginning() implements From {}

        /// At its end: only what is written from now on.
        record End() implements From {}

        /// The latest records of each partition.
        record Latest(int records) implements From {}
    }

    /// Takes a record. May throw a `RetriableException`; the record then comes again.
    @FunctionalInterface
    public interface Reader {
        void read(ConsumerRecord<byte[], byte[]> record);
    }

    private record Denial(Instant at, String reason) {}

    private record Followed(From from, Reader reader) {}

    public Follower(Namespace namespace, Consumer<byte[], byte[]> consumer, Admin admin, Clock clock) {
        this.namespace = namespace;
        this.consumer = consumer;
        this.admin = admin;
        this.clock = clock;
        this.lastProgress = clock.instant();
        this.thread = Thread.ofPlatform().name("follower").unstarted(this::follow);
    }

    /// Adds a topic. Only before the start.
    public void add(Topic topic, From from, Reader reader) {
        Followed followed = new Followed(from, reader);
        topics.put(topic, followed);
        byName.put(namespace.topic(topic), followed);
    }

    public void start() {
        thread.start();
    }

    /// Whether the positions in all topics are taken: answers to what is sent from now on will be seen.
    public boolean isReady() {
        lock.lock();
        try {
            return !positions.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    public boolean isAlive() {
        return failed.getCount() > 0;
    }

    /// Counts down when the topics can no longer be followed.
    public CountDownLatch failed() {
        return failed;
    }

    /// Why the brokers do not let the topics be read; empty if they do. Between two denials of one topic, the
    /// others may be read without a fault, so a denial counts for a while.
    public Optional<String> denial() {
        Denial latest = denial;
        return latest == null || latest.at().plus(DENIAL_COUNTS).isBefore(clock.instant())
                ? Optional.empty()
                : Optional.of(latest.reason());
    }

    /// When the topics were last read without a fault.
    public Instant lastProgress() {
        return lastProgress;
    }

    /// Returns when all records of the topic that are written now have been read.
    ///
    /// @throws Refusal with 503 if that takes longer than `limit`
    public void awaitEnd(Topic topic, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        String name = namespace.topic(topic);
        List<TopicPartition> partitions = partitions(name, deadline);
        Map<TopicPartition, Long> ends = ends(partitions, limit);
        lock.lock();
        try {
            while (ends.entrySet().stream()
                    .anyMatch(end -> positions.getOrDefault(end.getKey(), 0L) < end.getValue())) {
                awaitMove(deadline);
            }
        } finally {
            lock.unlock();
        }
    }

    private List<TopicPartition> partitions(String name, long deadline) {
        lock.lock();
        try {
            while (positions.isEmpty()) {
                awaitMove(deadline);
            }
            return positions.keySet().stream()
                    .filter(partition -> partition.topic().equals(name))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for a change. Callers check their condition in a loop.
    @SuppressWarnings("WaitNotInLoop")
    private void awaitMove(long deadline) {
        try {
            if (moved.awaitNanos(deadline - System.nanoTime()) <= 0) {
                throw behind();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw behind();
        }
    }

    private static Refusal behind() {
        return Refusal.of(Code.KAFKA_UNAVAILABLE, "The gateway could not read its topics up to their end in time.");
    }

    private Map<TopicPartition, Long> ends(List<TopicPartition> partitions, Duration limit) {
        Map<TopicPartition, OffsetSpec> latest =
                partitions.stream().collect(Collectors.toMap(Function.identity(), _ -> OffsetSpec.latest()));
        try {
            return admin
                    .listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                    .all()
                    .get(limit.toMillis(), TimeUnit.MILLISECONDS)
                    .entrySet()
                    .stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, end -> end.getValue().offset()));
        } catch (ExecutionException | TimeoutException e) {
            throw Refusal.of(Code.KAFKA_UNAVAILABLE, "Kafka does not answer.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw behind();
        }
    }

    private void follow() {
        boolean stopped = false;
        try {
            while (closing.getCount() > 0) {
                tryStep();
            }
            stopped = true;
        } catch (RuntimeException | Error e) {
            log.atError().setCause(e).log("The topics can no longer be followed");
        } finally {
            if (!stopped) {
                failed.countDown();
            }
            consumer.close();
        }
    }

    private void tryStep() {
        try {
            step();
            lastProgress = clock.instant();
        } catch (WakeupException e) {
            log.atDebug().log("Woken up to stop");
        } catch (KafkaException e) {
            if (e instanceof AuthorizationException) {
                denial = new Denial(clock.instant(), String.valueOf(e.getMessage()));
            }
            log.atWarn().addKeyValue("fault", e.getMessage()).log("The topics cannot be read; trying again");
            pause();
        }
    }

    private void pause() {
        try {
            boolean stop = closing.await(RETRY_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            log.atDebug().addKeyValue("stop", stop).log("Paused");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void step() {
        if (!isPositioned) {
            assign();
            return;
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            read(record);
        }
        publishPositions();
    }

    private void read(ConsumerRecord<byte[], byte[]> record) {
        Followed followed = byName.get(record.topic());
        if (followed == null) {
            throw new IllegalStateException("unexpected topic " + record.topic());
        }
        try {
            followed.reader().read(record);
        } catch (RetriableException e) {
            // records of this poll that were not handed over come again
            lock.lock();
            try {
                positions.forEach(consumer::seek);
                consumer.seek(new TopicPartition(record.topic(), record.partition()), record.offset());
            } finally {
                lock.unlock();
            }
            throw e;
        }
        lock.lock();
        try {
            positions.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
        } finally {
            lock.unlock();
        }
    }

    private void publishPositions() {
        lock.lock();
        try {
            for (TopicPartition partition : consumer.assignment()) {
                positions.put(partition, consumer.position(partition));
            }
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void assign() {
        List<TopicPartition> all = new ArrayList<>();
        for (String name : byName.keySet()) {
            List<PartitionInfo> known = consumer.partitionsFor(name);
            if (known.isEmpty()) {
                pause();
                return;
            }
            known.forEach(partition -> all.add(new TopicPartition(name, partition.partition())));
        }
        consumer.assign(all);
        Map<TopicPartition, Long> ends = consumer.endOffsets(all);
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(all);
        for (TopicPartition partition : all) {
            long end = ends.getOrDefault(partition, 0L);
            long beginning = beginnings.getOrDefault(partition, 0L);
            Followed followed = byName.get(partition.topic());
            if (followed == null) {
                throw new IllegalStateException("unexpected topic " + partition.topic());
            }
            consumer.seek(
                    partition,
                    switch (followed.from()) {
                        case From.Beginning() -> beginning;
                        case From.End() -> end;
                        case From.Latest(int records) -> Math.max(beginning, end - records);
                    });
        }
        isPositioned = true;
        publishPositions();
        log.atInfo().addKeyValue("topics", byName.keySet()).log("The topics are followed");
    }

    @Override
    public void close() {
        closing.countDown();
        consumer.wakeup();
        try {
            if (!thread.join(Duration.ofSeconds(CLOSE_SECONDS))) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
