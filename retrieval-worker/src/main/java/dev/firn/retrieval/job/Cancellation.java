package dev.firn.retrieval.job;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Says that nobody wants a retrieval's answer from here any more: its partition went to another worker, or
/// this one stops. Thread-safe.
public final class Cancellation {
    private final CountDownLatch cancelled = new CountDownLatch(1);

    public void cancel() {
        cancelled.countDown();
    }

    public boolean isCancelled() {
        return cancelled.getCount() == 0;
    }

    /// @throws CancellationException once cancelled
    public void check() {
        if (isCancelled()) {
            throw new CancellationException("the retrieval was cancelled");
        }
    }

    /// Waits, and no longer than until it is cancelled.
    ///
    /// @throws CancellationException once cancelled, or when the thread is interrupted
    public void pause(Duration time) {
        try {
            if (cancelled.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (CancellationException) new CancellationException("interrupted").initCause(e);
        }
    }
}
