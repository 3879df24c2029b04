package dev.firn.testkit;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Waits for what another thread or process is about to do, with a limit.
public final class Waiting {
    private static final long POLL_MILLIS = 20;

    private Waiting() {}

    /// Returns as soon as the condition holds. An exception or assertion error of it counts as "not yet"; the last one
    /// is the cause of the error when the limit is over.
    public static void until(Duration limit, Callable<Boolean> condition, String description) {
        forValue(limit, () -> condition.call() ? Optional.of(true) : Optional.empty(), description);
    }

    /// Returns the first value there is.
    public static <T> T forValue(Duration limit, Callable<Optional<T>> source, String description) {
        long deadline = System.nanoTime() + limit.toNanos();
        @Nullable Throwable last = null;
        do {
            try {
                Optional<T> value = source.call();
                if (value.isPresent()) {
                    return value.get();
                }
                last = null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for: " + description, e);
            } catch (Exception | AssertionError e) {
                last = e;
            }
            pause();
        } while (System.nanoTime() < deadline);
        throw new AssertionError("waited %s in vain for: %s".formatted(limit, description), last);
    }

    private static void pause() {
        try {
            boolean never = new CountDownLatch(1).await(POLL_MILLIS, TimeUnit.MILLISECONDS);
            assert !never;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting", e);
        }
    }
}
