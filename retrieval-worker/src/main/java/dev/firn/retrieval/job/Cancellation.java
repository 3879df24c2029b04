package dev.firn.retrieval.job;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Tells a retrieval to stop because its partition moved to another worker, or because this worker stops. Thread-safe.
public final class Cancellation {
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final List<Cancellation> parts = new CopyOnWriteArrayList<>();

    public void cancel() {
        cancelled.countDown();
        parts.forEach(Cancellation::cancel);
    }

    /// The cancellation of one part of the work: it can be cancelled alone, and is cancelled with this one.
    public Cancellation part() {
        Cancellation part = new Cancellation();
        parts.add(part);
        if (isCancelled()) {
            part.cancel();
        }
        return part;
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

    /// Waits for `time`, or until cancelled.
    ///
    /// @throws CancellationException once cancelled, or if the thread is interrupted
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
