package dev.firn.lake.catalog;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.firn.lake.LakeOutage;
import dev.firn.lake.TableName;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Runs calls to catalogs within a time limit. Iceberg's own retries can block a caller for minutes (twenty reads of a
/// metadata file, each retried by the file IO), so each call runs on its own thread, which is interrupted when the time
/// is up. Outages are retried within the limit.
final class CatalogCalls implements AutoCloseable {
    /// Concurrent calls; further calls fail immediately as an outage.
    static final int MAX_CALLS = 64;

    private static final int MAX_RETRIES = 2;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(1);
    private static final double JITTER = 0.25;

    private final CatalogFaults faults;
    private final ThreadPoolExecutor threads;
    private final Duration timeLimit;

    /// @param timeLimit time limit of a call, including its retries
    CatalogCalls(CatalogFaults faults, Duration timeLimit) {
        this.faults = faults;
        this.timeLimit = timeLimit;
        this.threads = new ThreadPoolExecutor(
                0,
                MAX_CALLS,
                30,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                Thread.ofPlatform().daemon().name("firn-catalog-", 0).factory());
    }

    <T> T run(TableName table, Callable<T> call) {
        Future<T> future = submit(table, call);
        try {
            return future.get(timeLimit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            throw faults.outage(
                    table,
                    "catalog '" + table.catalog() + "' did not answer within " + timeLimit.toMillis() + " ms",
                    e);
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw faults.outage(table, "the wait for catalog '" + table.catalog() + "' was interrupted", e);
        } catch (ExecutionException e) {
            throw faults.translate(table, e.getCause() == null ? e : e.getCause());
        }
    }

    private <T> Future<T> submit(TableName table, Callable<T> call) {
        try {
            return threads.submit(() -> retried(table, call));
        } catch (RejectedExecutionException e) {
            String why = threads.isShutdown() ? "is closed" : "already has " + MAX_CALLS + " calls in progress";
            throw faults.outage(table, "catalog '" + table.catalog() + "' " + why, e);
        }
    }

    private <T> T retried(TableName table, Callable<T> call) {
        RetryPolicy<T> policy = RetryPolicy.<T>builder()
                .handle(LakeOutage.class)
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

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
