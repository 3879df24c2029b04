package dev.firn.testkit;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Waits, up to a limit, for something that another thread or process does.
public final class Waiting {
    private static final long POLL_MILLIS = 20;

    private Waiting() {}

    /// Returns as soon as the condition is true. If the condition throws an exception or assertion error, it counts as
    /// not yet true. The last one is the cause of the error that is thrown at the limit.
    public static void until(Duration limit, Callable<Boolean> condition, String description) {
        forValue(limit, () -> condition.call() ? Optional.of(true) : Optional.empty(), description);
    }

    /// Returns the first value that the source has.
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
        throw new AssertionError("no success after %s of waiting for: %s".formatted(limit, description), last);
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
