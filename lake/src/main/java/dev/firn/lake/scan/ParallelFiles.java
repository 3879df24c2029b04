package dev.firn.lake.scan;

import java.io.Closeable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs the row groups of many files on a few threads. A file is opened only when no row group of an open one waits,
/// so that about as many files are open as there are threads. The first failure stops all.
///
/// @param <C> what each thread has of its own
final class ParallelFiles<C extends Closeable> {
    private static final AtomicInteger SCANS = new AtomicInteger();

    private final int files;
    private final IntFunction<List<Consumer<C>>> open;
    private final Deque<Consumer<C>> waiting = new ArrayDeque<>();
    private int nextFile;
    private int filesBeingOpened;
    private @Nullable Throwable failure;

    private ParallelFiles(int files, IntFunction<List<Consumer<C>>> open) {
        this.files = files;
        this.open = open;
    }

    /// @param open gives a file's tasks, one per row group
    static <C extends Closeable> void run(
            int threads, int files, Supplier<C> context, IntFunction<List<Consumer<C>>> open) {
        ParallelFiles<C> work = new ParallelFiles<>(files, open);
        if (threads == 1) {
            work.runTasks(context);
            work.rethrow();
            return;
        }
        int scan = SCANS.incrementAndGet();
        AtomicInteger thread = new AtomicInteger();
        try (ExecutorService executor = Executors.newFixedThreadPool(threads, task -> {
            Thread reader = new Thread(task, "scan-" + scan + "-" + thread.incrementAndGet());
            reader.setDaemon(true);
            return reader;
        })) {
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                readers.add(executor.submit(() -> work.runTasks(context)));
            }
            work.await(readers);
        }
        work.rethrow();
    }

    /// An interrupted caller stops the readers at their next batch and still waits for them.
    private void await(List<Future<?>> readers) {
        for (Future<?> reader : readers) {
            try {
                reader.get();
            } catch (ExecutionException e) {
                fail(e.getCause());
            } catch (InterruptedException e) {
                fail(new java.util.concurrent.CancellationException("interrupted"));
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void runTasks(Supplier<C> context) {
        try (C own = context.get()) {
            for (Runnable next = next(own); next != null; next = next(own)) {
                next.run();
            }
        } catch (Exception | Error e) {
            fail(e);
        }
    }

    private synchronized @Nullable Runnable next(C own) {
        while (failure == null) {
            Consumer<C> task = waiting.poll();
            if (task != null) {
                return () -> task.accept(own);
            }
            if (nextFile < files) {
                int file = nextFile++;
                filesBeingOpened++;
                return () -> addTasks(open.apply(file));
            }
            if (filesBeingOpened == 0) {
                return null;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failure = new java.util.concurrent.CancellationException("interrupted");
                notifyAll();
            }
        }
        return null;
    }

    private synchronized void addTasks(List<Consumer<C>> tasks) {
        filesBeingOpened--;
        waiting.addAll(tasks);
        notifyAll();
    }

    private synchronized void fail(@Nullable Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
        notifyAll();
    }

    private synchronized void rethrow() {
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }
}
