package dev.firn.retrieval.intake;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes requests from topics through a classic consumer group; each topic is a lane.
///
/// The thread of [#run] only polls; the taker's threads do the work. A lane's partitions are paused while the taker has
/// no room for the lane, and a single partition while more than [#MAX_WINDOW] offsets beyond its first unanswered
/// record were taken. The committed offset of a partition is the lowest unanswered one. When a partition is revoked,
/// its answered requests are committed and the others cancelled; they are waited for a moment, so that the next owner
/// sees that they were given up. When it was lost, nothing is committed.
///
/// While it drains, all partitions are paused. Answers are still committed, and the group keeps its member, until the
/// running requests have ended.
public final class ConsumerGroupRequests implements RequestSource, ConsumerRebalanceListener {
    private static final Logger log = LoggerFactory.getLogger(ConsumerGroupRequests.class);
    private static final Duration IDLE_POLL = Duration.ofMillis(500);
    private static final Duration BUSY_POLL = Duration.ofMillis(20);
    private static final Duration COMMIT_LIMIT = Duration.ofSeconds(10);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);
    private static final Duration STOP_CHECK = Duration.ofMillis(5);
    /// Offsets of one partition from its first unanswered record to the last one taken: what a crash would repeat.
    static final long MAX_WINDOW = 1_000;

    private final Consumer<byte[], byte[]> consumer;
    private final Map<String, Lane> lanes;
    private final OffsetTracker offsets = new OffsetTracker();
    private final Map<TopicPartition, Set<TakenRequest>> working = new HashMap<>();
    private final Queue<TakenRequest> answered = new ConcurrentLinkedQueue<>();
    private final Set<TopicPartition> paused = new HashSet<>();
    private final Duration cancelLimit;
    private volatile boolean closing;
    private volatile boolean joined;
    private volatile boolean healthy;
    private volatile boolean draining;
    private volatile long drainUntilNanos;
    private Taker taker = NO_TAKER;

    private static final Taker NO_TAKER = new Taker() {
        @Override
        public boolean hasRoom(Lane lane) {
            return false;
        }

        @Override
        public void take(TakenRequest request, Runnable answered) {
            throw new IllegalStateException("not running");
        }

        @Override
        public void cancel(TakenRequest request) {}

        @Override
        public boolean cancelUnlessRunning(TakenRequest request) {
            return false;
        }
    };

    /// @param consumer has no automatic commits; this class closes it
    /// @param cancelLimit how long it waits for cancelled requests to stop before their partitions are given up
    public ConsumerGroupRequests(Consumer<byte[], byte[]> consumer, Map<String, Lane> lanes, Duration cancelLimit) {
        this.cancelLimit = cancelLimit;
        this.consumer = consumer;
        this.lanes = Map.copyOf(lanes);
    }

    @Override
    public void run(Taker to) {
        start(to);
        try {
            while (!closing && !isDrained()) {
                step();
            }
        } catch (WakeupException e) {
            if (!closing) {
                throw e;
            }
        } finally {
            healthy = false;
            stop();
        }
    }

    void start(Taker to) {
        taker = to;
        consumer.subscribe(lanes.keySet(), this);
    }

    /// One round: settle the answers, commit, pause or resume, poll.
    void step() {
        try {
            settle();
            commit();
            if (draining) {
                handOverWaiting();
            }
            pauseAndResume();
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(working.isEmpty() ? IDLE_POLL : BUSY_POLL)) {
                take(record);
            }
            healthy = joined;
        } catch (WakeupException e) {
            throw e;
        } catch (KafkaException e) {
            healthy = false;
            log.atWarn().setCause(e).log("Requests cannot be polled; trying again");
            pauseAfterFault();
        }
    }

    private void pauseAfterFault() {
        long until = System.nanoTime() + RETRY_PAUSE.toNanos();
        while (!closing && System.nanoTime() < until) {
            LockSupport.parkNanos(this, RETRY_PAUSE.toNanos() / 10);
        }
    }

    private boolean isDrained() {
        return draining && (working.isEmpty() || System.nanoTime() - drainUntilNanos >= 0);
    }

    /// Requests that wait for a slot or are parked: another worker has them sooner.
    private void handOverWaiting() {
        working.values().forEach(requests -> requests.removeIf(taker::cancelUnlessRunning));
        working.values().removeIf(Set::isEmpty);
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        if (draining) {
            return; // of a partition that was assigned after the others were paused; its offset does not move
        }
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        TakenRequest request = new TakenRequest(record, lanes.getOrDefault(record.topic(), Lane.REQUESTS));
        offsets.taken(partition, record.offset());
        working.computeIfAbsent(partition, _ -> new HashSet<>()).add(request);
        taker.take(request, () -> answered.add(request));
    }

    /// Ignores answers to cancelled requests: their partition may have been revoked and assigned again.
    private void settle() {
        for (TakenRequest request = answered.poll(); request != null; request = answered.poll()) {
            ConsumerRecord<byte[], byte[]> record = request.record();
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            Set<TakenRequest> requests = working.get(partition);
            if (requests != null && requests.remove(request)) {
                offsets.answered(partition, record.offset());
                if (requests.isEmpty()) {
                    working.remove(partition);
                }
            }
        }
    }

    private void commit() {
        Map<TopicPartition, OffsetAndMetadata> moved = offsets.newlyCommittable();
        if (!moved.isEmpty()) {
            consumer.commitAsync(moved, (_, fault) -> {
                if (fault != null) {
                    log.atInfo().setCause(fault).log("A commit failed; a later one will include it");
                    offsets.notCommitted(moved.keySet());
                }
            });
        }
    }

    private void pauseAndResume() {
        Set<TopicPartition> shouldPause = new HashSet<>();
        for (TopicPartition partition : consumer.assignment()) {
            Lane lane = lanes.getOrDefault(partition.topic(), Lane.REQUESTS);
            if (draining || !taker.hasRoom(lane) || offsets.window(partition) >= MAX_WINDOW) {
                shouldPause.add(partition);
            }
        }
        if (shouldPause.equals(paused)) {
            return;
        }
        Set<TopicPartition> resume = new HashSet<>(paused);
        resume.removeAll(shouldPause);
        resume.retainAll(consumer.assignment());
        consumer.pause(shouldPause);
        consumer.resume(resume);
        paused.clear();
        paused.addAll(shouldPause);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        log.atInfo().addKeyValue("partitions", partitions.size()).log("Partitions assigned");
        joined = true; // called after each rebalance, also without partitions
        paused.removeAll(partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        if (partitions.isEmpty()) {
            return;
        }
        log.atInfo().addKeyValue("partitions", partitions.size()).log("Partitions revoked");
        settle();
        commitNow();
        forget(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        log.atWarn().addKeyValue("partitions", partitions.size()).log("Partitions lost");
        joined = false;
        forget(partitions);
    }

    private void forget(Collection<TopicPartition> partitions) {
        List<TakenRequest> cancelled = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            cancelled.addAll(working.getOrDefault(partition, Set.of()));
            working.remove(partition);
        }
        cancel(cancelled);
        offsets.forget(partitions);
        paused.removeAll(partitions);
    }

    /// Returns when the requests have stopped, or after the limit.
    private void cancel(List<TakenRequest> requests) {
        requests.forEach(taker::cancel);
        long until = System.nanoTime() + cancelLimit.toNanos();
        while (requests.stream().anyMatch(TakenRequest::hasTurn) && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(this, STOP_CHECK.toNanos());
        }
    }

    private void commitNow() {
        Map<TopicPartition, OffsetAndMetadata> moved = offsets.newlyCommittable();
        if (moved.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(moved, COMMIT_LIMIT);
        } catch (KafkaException e) {
            log.atInfo().setCause(e).log("The last commit failed; its requests will be answered again");
        }
    }

    private void stop() {
        settle();
        cancel(working.values().stream().flatMap(Set::stream).toList());
        commitNow();
        working.clear();
        consumer.close();
    }

    @Override
    public boolean isHealthy() {
        return healthy;
    }

    @Override
    public void drain(Duration limit) {
        drainUntilNanos = System.nanoTime() + limit.toNanos();
        draining = true;
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
    }
}
