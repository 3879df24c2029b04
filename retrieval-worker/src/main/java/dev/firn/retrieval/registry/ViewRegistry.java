package dev.firn.retrieval.registry;

import dev.firn.events.FeatureView;
import dev.firn.retrieval.answer.Answering;
import dev.firn.retrieval.answer.EventDecoder;
import dev.firn.retrieval.answer.TransientFault;
import dev.firn.retrieval.job.Cancellation;
import dev.firn.retrieval.job.Views;
import dev.firn.schemas.Decoded;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The registered views, followed on their topic by a thread of its own.
///
/// **Read your writes.** Whoever has seen a registration's result and then asks for a retrieval must be served
/// with that view. The registry is written in transactions, whose markers reach partitions independently: when
/// the result is visible, the view's own partition may still hide it from a read_committed reader, and the
/// committed end offset does not count it. So [#current] takes the **read_uncommitted** end offsets, at a time
/// when the request is at hand and so the view is written, and waits until the **read_committed** position has
/// passed them. A transaction that stays open holds it up until the limit: a transient fault, never an unknown
/// view.
///
/// Thread-safe.
public final class ViewRegistry implements Answering.ViewSource, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ViewRegistry.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(500);
    private static final Duration CANCEL_CHECK = Duration.ofMillis(200);
    private static final long CLOSE_SECONDS = 5;

    private final String topic;
    private final Consumer<byte[], byte[]> consumer;
    private final EndOffsets endOffsets;
    private final EventDecoder<FeatureView> decoder;
    private final Duration limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final Map<String, FeatureView> views = new HashMap<>();
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final Thread thread;
    private volatile boolean closing;

    /// Where partitions end, records of open transactions included.
    interface EndOffsets {
        /// @throws TransientFault when the broker does not tell
        Map<TopicPartition, Long> readUncommitted(List<TopicPartition> partitions);
    }

    /// @param consumer read_committed, without a group; it becomes the receiver's
    /// @param limit how long [#current] waits
    public ViewRegistry(
            String topic,
            Consumer<byte[], byte[]> consumer,
            EndOffsets endOffsets,
            EventDecoder<FeatureView> decoder,
            Duration limit) {
        this.topic = topic;
        this.consumer = consumer;
        this.endOffsets = endOffsets;
        this.decoder = decoder;
        this.limit = limit;
        this.thread = Thread.ofPlatform().name("view-registry").unstarted(this::follow);
    }

    public void start() {
        thread.start();
    }

    @Override
    public Views current(Cancellation cancellation) {
        long deadline = System.nanoTime() + limit.toNanos();
        List<TopicPartition> partitions = awaitPartitions(deadline, cancellation);
        Map<TopicPartition, Long> ends = endOffsets.readUncommitted(partitions);
        lock.lock();
        try {
            while (!hasPassed(ends)) {
                await(deadline, cancellation, "the registry did not catch up with %s".formatted(topic));
            }
            return Views.of(views);
        } finally {
            lock.unlock();
        }
    }

    private List<TopicPartition> awaitPartitions(long deadline, Cancellation cancellation) {
        lock.lock();
        try {
            while (positions.isEmpty()) {
                await(deadline, cancellation, "%s was not found".formatted(topic));
            }
            return List.copyOf(positions.keySet());
        } finally {
            lock.unlock();
        }
    }

    private boolean hasPassed(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue());
    }

    /// Waits a little; callers look again whether what they wait for is there.
    @SuppressWarnings("WaitNotInLoop")
    private void await(long deadline, Cancellation cancellation, String fault) {
        cancellation.check();
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw new TransientFault("%s within %s".formatted(fault, limit));
        }
        try {
            moved.awaitNanos(Math.min(left, CANCEL_CHECK.toNanos()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientFault("interrupted", e);
        }
    }

    public boolean isReady() {
        lock.lock();
        try {
            return !positions.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    public int size() {
        lock.lock();
        try {
            return views.size();
        } finally {
            lock.unlock();
        }
    }

    private void follow() {
        try {
            while (!closing) {
                try {
                    step();
                } catch (WakeupException e) {
                    log.atDebug().log("Woken up to stop");
                } catch (KafkaException | TransientFault e) {
                    log.atWarn()
                            .addKeyValue("topic", topic)
                            .addKeyValue("fault", e.getMessage())
                            .log("The registry cannot be followed; trying again");
                    pause();
                }
            }
        } finally {
            consumer.close();
        }
    }

    private void pause() {
        long until = System.nanoTime() + RETRY_PAUSE.toNanos();
        while (!closing && System.nanoTime() < until) {
            LockSupport.parkNanos(this, RETRY_PAUSE.toNanos() / 10);
        }
    }

    private void step() {
        if (consumer.assignment().isEmpty()) {
            assign();
            return;
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            try {
                apply(record);
            } catch (TransientFault e) {
                rewind();
                throw e;
            }
        }
        publishPositions();
    }

    /// What was polled and not applied is fetched again.
    private void rewind() {
        lock.lock();
        try {
            positions.forEach(consumer::seek);
        } finally {
            lock.unlock();
        }
    }

    private void assign() {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new TransientFault("topic " + topic + " is not there");
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        publishPositions();
    }

    /// All of them or none, and asked for without the lock: a position may have to be looked up, and waits for a broker
    /// that is away.
    private void publishPositions() {
        Map<TopicPartition, Long> now = new HashMap<>();
        consumer.assignment().forEach(partition -> now.put(partition, consumer.position(partition)));
        lock.lock();
        try {
            positions.putAll(now);
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void apply(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) {
            return;
        }
        String name = new String(record.key(), StandardCharsets.UTF_8);
        if (record.value() == null) {
            change(name, null);
            return;
        }
        switch (decoder.decode(record.value())) {
            case Decoded.Value<FeatureView>(FeatureView view) -> change(name, view);
            case Decoded.Undecodable<FeatureView> undecodable ->
                log.atError()
                        .addKeyValue("topic", topic)
                        .addKeyValue("partition", record.partition())
                        .addKeyValue("offset", record.offset())
                        .addKeyValue("code", undecodable.code())
                        .addKeyValue("reason", undecodable.reason())
                        .log("A record of the registry cannot be read and is passed over");
        }
    }

    private void change(String name, @Nullable FeatureView view) {
        lock.lock();
        try {
            if (view == null) {
                views.remove(name);
            } else {
                views.put(name, view);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
