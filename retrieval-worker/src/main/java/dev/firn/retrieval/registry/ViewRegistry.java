package dev.firn.retrieval.registry;

import dev.firn.events.FeatureView;
import dev.firn.retrieval.answer.Answering;
import dev.firn.retrieval.answer.TransientFault;
import dev.firn.retrieval.job.Cancellation;
import dev.firn.retrieval.job.Views;
import dev.firn.service.event.EventDecoder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
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
/// **Faults.** While Kafka does not answer, the thread tries again. Anything else that it throws would leave a copy
/// that no longer changes, so it counts `failed` down, and the process has to end.
///
/// Thread-safe.
public final class ViewRegistry implements Answering.ViewSource, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ViewRegistry.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(500);
    private static final Duration CANCEL_CHECK = Duration.ofMillis(200);
    private static final long CLOSE_SECONDS = 5;

    private final Source source;
    private final Consumer<byte[], byte[]> consumer;
    private final DecodedViews views;
    private final Duration limit;
    private final CountDownLatch failed;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final Thread thread;
    private volatile Instant lastProgress;
    private volatile boolean closing;

    /// The ends of partitions, including records of open transactions.
    public interface EndOffsets {
        /// @throws TransientFault if the broker does not answer
        Map<TopicPartition, Long> readUncommitted(List<TopicPartition> partitions);
    }

    /// Where the views come from.
    ///
    /// @param consumer a read_committed consumer without a group; the registry closes it
    public record Source(String topic, Consumer<byte[], byte[]> consumer, EndOffsets endOffsets) {}

    /// @param limit how long [#current] waits
    /// @param retryInterval how often records that could not be decoded are tried again
    public record Settings(Duration limit, Duration retryInterval) {}

    /// @param failed is counted down when the views can no longer be followed
    public ViewRegistry(
            Source source, EventDecoder<FeatureView> decoder, Settings settings, CountDownLatch failed, Clock clock) {
        this.source = source;
        this.consumer = source.consumer();
        this.views = new DecodedViews(decoder, settings.retryInterval(), clock);
        this.limit = settings.limit();
        this.failed = failed;
        this.clock = clock;
        this.lastProgress = clock.instant();
        this.thread = Thread.ofPlatform().name("view-registry").unstarted(this::follow);
    }

    public void start() {
        thread.start();
    }

    @Override
    public Views current(Cancellation cancellation) {
        long deadline = System.nanoTime() + limit.toNanos();
        List<TopicPartition> partitions = awaitPartitions(deadline, cancellation);
        Map<TopicPartition, Long> ends = source.endOffsets().readUncommitted(partitions);
        lock.lock();
        try {
            while (!hasPassed(ends)) {
                await(deadline, cancellation, "the registry did not reach the end of %s".formatted(source.topic()));
            }
            return views.current();
        } finally {
            lock.unlock();
        }
    }

    private List<TopicPartition> awaitPartitions(long deadline, Cancellation cancellation) {
        lock.lock();
        try {
            while (positions.isEmpty()) {
                await(deadline, cancellation, "topic %s was not found".formatted(source.topic()));
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
        return views.size();
    }

    /// The views whose records cannot be decoded, each with the reason. Requests for them wait.
    public Map<String, String> undecoded() {
        return views.undecoded();
    }

    /// When the topic was last read without a fault.
    public Instant lastProgress() {
        return lastProgress;
    }

    private void follow() {
        boolean stopped = false;
        try {
            followUntilClosed();
            stopped = true;
        } catch (RuntimeException | Error e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("topic", source.topic())
                    .log("The registry can no longer be followed");
        } finally {
            // also when the logging itself fails, as when memory runs out
            if (!stopped) {
                failed.countDown();
            }
            consumer.close();
        }
    }

    private void followUntilClosed() {
        while (!closing) {
            try {
                step();
                lastProgress = clock.instant();
            } catch (WakeupException e) {
                log.atDebug().log("Woken up to stop");
            } catch (KafkaException e) {
                log.atWarn()
                        .addKeyValue("topic", source.topic())
                        .addKeyValue("fault", e.getMessage())
                        .log("The registry cannot be read; trying again");
                pause();
            }
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
                views.apply(record);
            } catch (KafkaException e) {
                rewind();
                throw e;
            }
        }
        publishPositions();
        views.retry();
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
        List<TopicPartition> partitions = consumer.partitionsFor(source.topic()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new TransientFault("topic " + source.topic() + " does not exist");
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
