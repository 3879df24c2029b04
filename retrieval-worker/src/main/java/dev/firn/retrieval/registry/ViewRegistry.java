package dev.firn.retrieval.registry;

import dev.firn.events.FeatureView;
import dev.firn.retrieval.answer.Answering;
import dev.firn.retrieval.answer.TransientFault;
import dev.firn.retrieval.job.Cancellation;
import dev.firn.retrieval.job.Views;
import dev.firn.schemas.Decoded;
import dev.firn.service.event.EventDecoder;
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

/// A copy of the registered views. A thread of its own follows their topic.
///
/// **Read your writes.** A client that has seen a registration's result and then requests a retrieval must get that
/// view. The registry is written in transactions, whose markers reach partitions one by one: when the result is
/// visible, the view's own partition may still hide it from a read_committed reader, and the committed end offset does
/// not count it. So [#current], which runs after the request has arrived and the view is therefore written, takes the
/// **read_uncommitted** end offsets and waits until the **read_committed** position has passed them. If a transaction
/// stays open beyond the limit, that is a transient fault and never an unknown view.
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

    /// The ends of partitions, including records of open transactions.
    interface EndOffsets {
        /// @throws TransientFault if the broker does not answer
        Map<TopicPartition, Long> readUncommitted(List<TopicPartition> partitions);
    }

    /// @param consumer a read_committed consumer without a group; this class closes it
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
                await(deadline, cancellation, "the registry did not reach the end of %s".formatted(topic));
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
                await(deadline, cancellation, "topic %s was not found".formatted(topic));
            }
            return List.copyOf(positions.keySet());
        } finally {
            lock.unlock();
        }
    }

    private boolean hasPassed(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue());
    }

    /// Waits a short time. Callers check their condition in a loop.
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
                } catch (KafkaException e) {
                    log.atWarn()
                            .addKeyValue("topic", topic)
                            .addKeyValue("fault", e.getMessage())
                            .log("The registry cannot be read; trying again");
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

    /// Fetches again what was polled but not applied.
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
            throw new TransientFault("topic " + topic + " does not exist");
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        publishPositions();
    }

    /// Publishes the positions of all partitions or none. They are read without the lock, because a position may have
    /// to be fetched from a broker that does not answer.
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
                        .log("A record of the registry cannot be decoded and is skipped");
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
