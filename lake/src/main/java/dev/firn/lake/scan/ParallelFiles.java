package dev.firn.lake.scan;

import dev.firn.lake.storage.ReadCancellation;
import java.io.Closeable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs the row groups of many files on a few threads. The first failure stops all of them.
///
/// ## How
/// Every thread repeats: run a waiting task; if there is none, open the next file, which adds its tasks; if there is
/// no file left, wait for the files that others are opening. A file is opened only if no task waits, so about as many
/// files are open as there are threads, and their tasks are still spread over all threads: a table of one large file
/// uses every thread, and so does a table of many small ones.
///
/// *Invariant:* `waiting`, `nextFile`, `filesBeingOpened` and `failure` change only under this object's lock. Files are
/// opened and tasks run outside of it. With one thread everything runs on the caller's own.
///
/// ## Termination
/// A thread ends if there is a failure, or if no task waits, no file is left and none is being opened. Only an opening
/// adds tasks, so after that no work can appear. A thread sleeps only while another one opens a file, and every
/// opening ends in [#addTasks] or [#fail], which wake all. So no thread sleeps forever. Tasks that run when another
/// one fails are not interrupted: they end on their own, or by the `cancelled` check of a scan. Waiting tasks are
/// dropped.
///
/// ## Happens-before
/// What opening a file wrote is visible to its tasks, since they are handed over under the lock. What tasks wrote is
/// visible to the caller when [#run] returns or throws: `ExecutorService.close` waits for the threads to end. An
/// interrupted caller waits too: it records the interruption as the failure, and `close` then interrupts the threads
/// and waits for them. The context of a thread, such as [dev.firn.lake.parquet.ReadBuffers], is created, used and
/// closed on that thread, so it needs no lock, and no thread uses it or the caller's arrays after [#run].
///
/// @param <C> the context that each thread owns
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

    /// @param context creates the context of a thread
    /// @param open opens a file and returns its tasks, one per row group
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
                readers.add(executor.submit(ReadCancellation.carried(() -> work.runTasks(context))));
            }
            work.await(readers);
        }
        work.rethrow();
    }

    /// If the caller is interrupted, `close` interrupts the readers and waits for them.
    private void await(List<Future<?>> readers) {
        for (Future<?> reader : readers) {
            try {
                reader.get();
            } catch (ExecutionException e) {
                fail(e.getCause());
            } catch (InterruptedException e) {
                fail(new CancellationException("interrupted"));
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
                failure = new CancellationException("interrupted");
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
