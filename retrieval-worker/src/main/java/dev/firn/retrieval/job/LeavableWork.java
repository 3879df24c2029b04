package dev.firn.retrieval.job;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// Runs work on a thread of its own, which its caller leaves as soon as the work is cancelled.
///
/// A cancelled job looks at its cancellation between its steps. But one step may take long, and a socket that a stalled
/// store holds open cannot be interrupted. The thread that was left ends with its step, and only then gives back the
/// memory that it has leased. What it still writes lies in the folder of a try that nobody names.
final class LeavableWork {
    private static final long CHECK_MILLIS = 200;

    private LeavableWork() {}

    /// What the work returns or throws.
    ///
    /// @throws CancellationException once cancelled, or if the calling thread is interrupted
    static <T> T run(Cancellation cancellation, Supplier<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform()
                .daemon()
                .name(Thread.currentThread().getName() + "-work")
                .start(() -> {
                    try {
                        done.complete(work.get());
                    } catch (RuntimeException | Error e) {
                        done.completeExceptionally(e);
                    }
                });
        while (true) {
            try {
                return done.get(CHECK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                cancellation.check();
                if (!thread.isAlive() && !done.isDone()) {
                    throw new OutOfMemoryError("the thread died without an exception");
                }
            } catch (ExecutionException e) {
                throw unwrapped(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (CancellationException) new CancellationException("interrupted").initCause(e);
            }
        }
    }

    private static RuntimeException unwrapped(ExecutionException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return e.getCause() instanceof RuntimeException fault ? fault : new IllegalStateException(e);
    }
}
