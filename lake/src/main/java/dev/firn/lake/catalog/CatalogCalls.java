package dev.firn.lake.catalog;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.firn.lake.LakeException;
import dev.firn.lake.TableName;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Runs calls to catalogs within a time limit. Iceberg's own retries can block a caller for minutes (twenty
/// reads of a metadata file, each retried by the file IO), so each call runs on its own thread, which is
/// interrupted when the time is up. Outages are retried within the limit.
///
/// Each catalog has threads and permits of its own, so one that hangs is an outage of that catalog only. A
/// call that was given up keeps its permit until its thread ends, which [SocketTimeouts] make sure of: no
/// catalog can collect threads. The threads are platform threads, because a native driver such as SQLite's
/// would pin the carriers of virtual ones, which all catalogs share.
final class CatalogCalls implements AutoCloseable {
    private static final int MAX_RETRIES = 2;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(1);
    private static final double JITTER = 0.25;
    private static final Duration LAST_CALLS = Duration.ofSeconds(5);

    private final CatalogFaults faults;
    private final CatalogLimits limits;
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
    private volatile boolean closed;

    CatalogCalls(CatalogFaults faults, CatalogLimits limits) {
        this.faults = faults;
        this.limits = limits;
    }

    /// The calls of one catalog.
    private record Lane(Semaphore permits, ExecutorService threads) {
        static Lane of(String catalog, int permits) {
            return new Lane(
                    new Semaphore(permits, true),
                    Executors.newCachedThreadPool(Thread.ofPlatform()
                            .daemon()
                            .name("firn-catalog-" + catalog + "-", 0)
                            .factory()));
        }
    }

    <T> T run(TableName table, Callable<T> call) {
        long deadline = System.nanoTime() + limits.callTime().toNanos();
        FutureTask<T> task = new FutureTask<>(() -> retried(table, call));
        try {
            start(table, task, deadline);
            return task.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw faults.outage(
                    table,
                    "catalog '" + table.catalog() + "' did not answer within "
                            + limits.callTime().toMillis() + " ms",
                    e);
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw faults.outage(table, "the wait for catalog '" + table.catalog() + "' was interrupted", e);
        } catch (ExecutionException e) {
            throw faults.translate(table, e.getCause() == null ? e : e.getCause());
        }
    }

    /// The permit is released when the thread ends with the task, even if the task was cancelled before it began.
    private void start(TableName table, FutureTask<?> task, long deadline) throws InterruptedException {
        Lane lane = lanes.computeIfAbsent(table.catalog(), name -> Lane.of(name, limits.concurrentCalls()));
        if (!lane.permits.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            throw faults.outage(
                    table,
                    "catalog '" + table.catalog() + "' has not answered " + limits.concurrentCalls()
                            + " calls, as many as may wait for it",
                    new TimeoutException("no permit within " + limits.callTime().toMillis() + " ms"));
        }
        try {
            if (closed) {
                throw new RejectedExecutionException("closed");
            }
            lane.threads.execute(() -> {
                try {
                    task.run();
                } finally {
                    lane.permits.release();
                }
            });
        } catch (RejectedExecutionException e) {
            lane.permits.release();
            throw faults.outage(table, "catalog '" + table.catalog() + "' is closed", e);
        }
    }

    LakeException fileFault(TableName table, String location, RuntimeException fault) {
        return faults.ofFile(table, location, fault);
    }

    /// Calls in progress, those included that were given up and have not ended.
    int inProgress(String catalog) {
        Lane lane = lanes.get(catalog);
        return lane == null ? 0 : limits.concurrentCalls() - lane.permits.availablePermits();
    }

    private <T> T retried(TableName table, Callable<T> call) {
        RetryPolicy<T> policy = RetryPolicy.<T>builder()
                .handleIf(CatalogFaults::mayPass)
                .withMaxRetries(MAX_RETRIES)
                .withBackoff(FIRST_BACKOFF, LAST_BACKOFF)
                .withJitter(JITTER)
                .build();
        try {
            return Failsafe.with(policy).get(() -> {
                try {
                    return call.call();
                } catch (Exception fault) {
                    throw faults.translate(table, fault);
                }
            });
        } catch (FailsafeException interrupted) {
            throw faults.translate(table, interrupted);
        }
    }

    /// Interrupts the calls in progress and waits for them, [#LAST_CALLS] at most: what they use is closed next.
    @Override
    public void close() {
        closed = true;
        lanes.values().forEach(lane -> lane.threads.shutdownNow());
        long deadline = System.nanoTime() + LAST_CALLS.toNanos();
        try {
            for (Lane lane : lanes.values()) {
                lane.threads.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
