package dev.firn.lake.parquet;

import dev.firn.lake.storage.ReadCancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/// Runs a task for several columns in parallel. The threads are daemons and end with [#close]. For one caller at a
/// time.
public final class ColumnTasks implements AutoCloseable {
    private static final AtomicInteger POOLS = new AtomicInteger();

    private final int threads;
    private final ExecutorService others;

    public ColumnTasks(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, got " + threads);
        }
        this.threads = threads;
        int pool = POOLS.incrementAndGet();
        AtomicInteger thread = new AtomicInteger();
        this.others = Executors.newCachedThreadPool(task -> {
            Thread worker = new Thread(task, "columns-" + pool + "-" + thread.incrementAndGet());
            worker.setDaemon(true);
            return worker;
        });
    }

    /// Calls `task` once for each column from 0 and returns when all are done. The caller's thread runs tasks too.
    /// The first failure is thrown after all running tasks have ended.
    public void run(int columns, IntConsumer task) {
        AtomicInteger next = new AtomicInteger();
        Runnable work = () -> {
            for (int column = next.getAndIncrement(); column < columns; column = next.getAndIncrement()) {
                try {
                    task.accept(column);
                } catch (RuntimeException | Error e) {
                    next.set(columns);
                    throw e;
                }
            }
        };
        List<Future<?>> running = new ArrayList<>();
        for (int i = 1; i < Math.min(threads, columns); i++) {
            running.add(others.submit(ReadCancellation.carried(work)));
        }
        Throwable failure = null;
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        boolean interrupted = false;
        for (Future<?> future : running) {
            while (true) {
                try {
                    future.get();
                    break;
                } catch (ExecutionException e) {
                    failure = failure == null ? e.getCause() : failure;
                    break;
                } catch (InterruptedException e) {
                    next.set(columns);
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
            failure = failure == null ? new CancellationException("interrupted") : failure;
        }
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    @Override
    public void close() {
        others.shutdown();
    }
}
