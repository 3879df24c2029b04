package dev.firn.retrieval.intake;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The threads in which retrievals run, one per slot, and the few jobs that wait for one.
///
/// Jobs start in the order in which they were submitted, with one exception: runs of standing retrievals hold at most
/// half of the slots (one, if there is only one). A run beyond that waits, and later jobs of the other lane pass it.
///
/// A job that runs alone starts when no other runs, and none starts until it has ended. Jobs submitted after it
/// wait for it, so that it is not passed for ever, and there is no room for further ones.
///
/// ## Express slots
/// All slots may be held by jobs that run for hours, while short ones wait behind them, in their partition and in
/// others. Nobody can tell a short job before it has run, so jobs are told apart by running them: a request that
/// finds all slots busy starts in an express slot. If it has not ended after the express time, it gives way: its
/// turn is cancelled, and it waits for a slot, in which it starts anew. So an express slot is free again after
/// that time at the latest, and a long job loses no more than that. If a slot is free when the time is over, the
/// job moves into it and loses nothing.
///
/// ## Room
/// A poll thread asks [#hasRoom] before it fetches, and pauses the lane's partitions if there is none. So records wait
/// in the broker, and at most one poll's records wait here. There is room for a lane if all of these hold:
///
/// - no job of the lane waits already, apart from long ones, which need a slot; at most [#MAX_LONG_WAITING] of
/// these wait;
/// - no job runs alone or waits to;
/// - an express slot is free and the lane is that of requests, or `running + aboutToStart < size`, where `running` is
///   without express slots and `aboutToStart` counts the waiting jobs that a free thread is about to take:
///   all requests, but of the runs only as many as may still start;
/// - for runs, fewer than `maxRuns` are running;
/// - memory is free, or nothing is running. Without jobs no memory would be released, so the first one always may
///   start.
///
/// *Example.* Four slots, so at most two runs. One poll brings three runs: two start, one waits. `aboutToStart` is
/// min(1, 2 - 2) = 0, so requests have room (2 + 0 < 4) although a job waits, and runs have none.
///
/// *Invariants.* A thread runs at most one job, so the running jobs never exceed the slots and express slots. A
/// waiting job that may start is taken as soon as a thread is free, because each submission and each end of a job
/// wakes all threads. [#hasRoom] is an answer for one moment: between it and the submission the other lane's poll
/// thread may take the slot. The job then waits, which costs time and no correctness.
///
/// ## Who owns what
/// `lock` guards `waiting`, `running`, `inExpressSlots`, `oneRunsAlone` and `closed`. Jobs run outside the lock.
///
/// ## Why this way
/// A thread pool with a queue per lane would divide the slots for good. Here an idle slot serves whichever lane has
/// work, and a burst of commits cannot delay people's requests by more than the half that runs may hold.
public final class Slots implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Slots.class);
    private static final long CLOSE_SECONDS = 10;
    /// Bounds what waits in memory.
    static final int MAX_LONG_WAITING = 100;

    /// Work for one slot.
    interface Job extends Runnable {
        Lane lane();

        /// Whether no other job may run beside it.
        default boolean runsAlone() {
            return false;
        }

        /// Whether it did not end within the express time before, and may not start in an express slot.
        default boolean isLong() {
            return false;
        }

        /// The express time is over: the job is to end soon, and to be submitted again.
        default void giveWay() {}
    }

    /// Slots for requests that find all others busy.
    ///
    /// @param time how long a job may run in one
    public record Express(int slots, Duration time) {
        public static final Express NONE = new Express(0, Duration.ZERO);
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Job> waiting = new ArrayDeque<>();
    private final Map<Lane, Integer> running = new EnumMap<>(Lane.class);
    private final int size;
    private final int maxRuns;
    private final BooleanSupplier memoryIsFree;
    private final Consumer<Throwable> escaped;
    private final Express express;
    private final Set<Job> inExpressSlots = new HashSet<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("express").daemon().factory());
    private final List<Thread> threads = new ArrayList<>();
    private boolean oneRunsAlone;
    private boolean closed;

    /// @param memoryIsFree whether there is memory for another job
    /// @param escaped receives what a job throws. That job is lost, so it should end the process.
    public Slots(int size, Express express, BooleanSupplier memoryIsFree, Consumer<Throwable> escaped) {
        this("retrieval", size, express, memoryIsFree, escaped);
    }

    /// @param name of the threads
    public Slots(String name, int size, Express express, BooleanSupplier memoryIsFree, Consumer<Throwable> escaped) {
        this.size = size;
        this.express = express;
        this.escaped = escaped;
        this.maxRuns = Math.max(1, size / 2);
        this.memoryIsFree = memoryIsFree;
        for (Lane lane : Lane.values()) {
            running.put(lane, 0);
        }
        for (int i = 0; i < size + express.slots(); i++) {
            threads.add(Thread.ofPlatform().name(name + "-" + i).start(this::work));
        }
    }

    /// Whether there is never more than one job at a time.
    boolean runsOneJob() {
        return size + express.slots() == 1;
    }

    /// Whether a job of this lane would start at once.
    boolean hasRoom(Lane lane) {
        lock.lock();
        try {
            int busy = busy();
            boolean laneWaits = waiting.stream().anyMatch(job -> job.lane() == lane && !job.isLong());
            long longWaiting = waiting.stream().filter(Job::isLong).count();
            boolean expressIsFree = lane == Lane.REQUESTS && inExpressSlots.size() < express.slots();
            return !laneWaits
                    && !oneRunsAlone
                    && waiting.stream().noneMatch(Job::runsAlone)
                    && longWaiting < MAX_LONG_WAITING
                    && (expressIsFree || inSlots() + aboutToStart() < size)
                    && laneIsFree(lane)
                    && (busy == 0 || memoryIsFree.getAsBoolean());
        } finally {
            lock.unlock();
        }
    }

    /// Waiting jobs that a free thread is about to take. Runs that wait for other runs to end are not among them.
    private int aboutToStart() {
        int runs = (int) waiting.stream().filter(job -> job.lane() == Lane.RUNS).count();
        int startable = Math.min(runs, maxRuns - running.getOrDefault(Lane.RUNS, 0));
        return waiting.size() - runs + startable;
    }

    void submit(Job job) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("closed");
            }
            waiting.add(job);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Removes jobs that have not started. Returns whether there were any.
    boolean forget(Predicate<Job> which) {
        lock.lock();
        try {
            boolean removed = waiting.removeIf(which);
            changed.signalAll();
            return removed;
        } finally {
            lock.unlock();
        }
    }

    public int running(Lane lane) {
        lock.lock();
        try {
            return running.getOrDefault(lane, 0);
        } finally {
            lock.unlock();
        }
    }

    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private int busy() {
        return running.values().stream().mapToInt(Integer::intValue).sum();
    }

    private int inSlots() {
        return busy() - inExpressSlots.size();
    }

    private boolean laneIsFree(Lane lane) {
        return lane == Lane.REQUESTS || running.getOrDefault(lane, 0) < maxRuns;
    }

    private void work() {
        for (Job job = take(); job != null; job = take()) {
            try {
                job.run();
            } catch (Throwable e) {
                escaped.accept(e);
            } finally {
                release(job);
            }
        }
    }

    private @Nullable Job take() {
        lock.lock();
        try {
            while (!closed) {
                Job job = startable();
                if (job != null) {
                    waiting.remove(job);
                    running.merge(job.lane(), 1, Integer::sum);
                    oneRunsAlone = job.runsAlone();
                    if (inSlots() > size) {
                        inExpressSlots.add(job);
                        ScheduledFuture<?> unused = timer.schedule(
                                () -> endExpress(job), express.time().toMillis(), TimeUnit.MILLISECONDS);
                    }
                    return job;
                }
                changed.awaitUninterruptibly();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /// The first waiting job that may start now.
    private @Nullable Job startable() {
        if (oneRunsAlone) {
            return null;
        }
        for (Job job : waiting) {
            if (job.runsAlone()) {
                return busy() == 0 ? job : null;
            }
            boolean starts = inSlots() < size
                    ? laneIsFree(job.lane())
                    : job.lane() == Lane.REQUESTS && !job.isLong() && inExpressSlots.size() < express.slots();
            if (starts) {
                return job;
            }
        }
        return null;
    }

    /// Moves the job into a slot if one is free.
    private void endExpress(Job job) {
        lock.lock();
        try {
            if (!inExpressSlots.contains(job)) {
                return;
            }
            if (inSlots() < size) {
                inExpressSlots.remove(job);
                changed.signalAll();
                return;
            }
        } finally {
            lock.unlock();
        }
        job.giveWay();
    }

    private void release(Job job) {
        lock.lock();
        try {
            running.merge(job.lane(), -1, Integer::sum);
            inExpressSlots.remove(job);
            if (job.runsAlone()) {
                oneRunsAlone = false;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Starts no more jobs and waits up to [#CLOSE_SECONDS] for the running ones. Cancel them first.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        timer.shutdownNow();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        for (Thread thread : threads) {
            try {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
                if (thread.isAlive()) {
                    log.atWarn().addKeyValue("thread", thread.getName()).log("A retrieval did not stop in time");
                    thread.interrupt();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
