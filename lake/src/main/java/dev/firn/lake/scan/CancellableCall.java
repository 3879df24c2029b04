package dev.firn.lake.scan;

import dev.firn.lake.storage.ReadCancellation;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// Runs work that may wait for the store on a thread of its own, so that its caller leaves soon after a
/// cancellation even if a read does not end. The thread is interrupted, and its result, should there be one,
/// is closed.
final class CancellableCall {
    private static final long POLL_MILLIS = 100;
    private static final AtomicInteger THREADS = new AtomicInteger();

    private CancellableCall() {}

    /// Throws what the work throws, or a [CancellationException].
    ///
    /// @param name of the thread and of what is cancelled
    static <T extends AutoCloseable> T run(String name, BooleanSupplier cancelled, Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform()
                .daemon()
                .name("firn-%s-%d".formatted(name, THREADS.incrementAndGet()))
                .start(ReadCancellation.carried(() -> complete(result, work)));
        while (true) {
            try {
                return result.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (cancelled.getAsBoolean() && leave(result, thread)) {
                    throw new CancellationException(name + " was cancelled");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                if (leave(result, thread)) {
                    throw new CancellationException(name + " was interrupted");
                }
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case RuntimeException fault -> throw fault;
                    case Error fault -> throw fault;
                    case null, default -> throw new IllegalStateException(e);
                }
            }
        }
    }

    private static <T extends AutoCloseable> void complete(CompletableFuture<T> result, Callable<T> work) {
        try {
            T value = work.call();
            if (!result.complete(value)) {
                value.close();
            }
        } catch (Throwable fault) {
            result.completeExceptionally(fault);
        }
    }

    /// False if the result came first.
    private static boolean leave(CompletableFuture<?> result, Thread thread) {
        boolean left = result.cancel(false);
        if (left) {
            thread.interrupt();
        }
        return left;
    }
}
