package dev.firn.service;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parts of a running service, closed in the reverse of the order in which they were opened.
///
/// A part that does not close cleanly is logged and does not keep the others open. One thread opens parts; any thread
/// may close, once: a part that is opened after that is closed at once.
public final class Lifecycle implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch closing = new CountDownLatch(1);

    /// Takes over a part. It is closed before every part that was opened earlier.
    ///
    /// @throws ServiceStoppedException if the service is being stopped; the part is then closed
    public <P extends AutoCloseable> P opened(P part) {
        synchronized (parts) {
            if (!closed.get()) {
                parts.push(part);
                return part;
            }
        }
        close(part);
        throw new ServiceStoppedException();
    }

    /// Waits, or throws as soon as the service is stopped.
    ///
    /// @throws ServiceStoppedException if it is being stopped
    public void pause(Duration pause) {
        try {
            if (closing.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new ServiceStoppedException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServiceStoppedException();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        synchronized (parts) {
            if (!closed.compareAndSet(false, true)) {
                return;
            }
        }
        for (@Nullable AutoCloseable part = last(); part != null; part = last()) {
            close(part);
        }
    }

    private @Nullable AutoCloseable last() {
        synchronized (parts) {
            return parts.poll();
        }
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            log.atWarn()
                    .setCause(e)
                    .addKeyValue("part", part.getClass().getSimpleName())
                    .log("A part did not close cleanly");
        }
    }
}
