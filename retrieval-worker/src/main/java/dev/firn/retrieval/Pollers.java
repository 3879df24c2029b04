package dev.firn.retrieval;

import dev.firn.retrieval.intake.RequestSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The threads that poll for requests, one for each source. They end when their source is drained or closed, so this
/// part is opened before the sources: it is closed after them, and before the slots, which can be emptied
/// only when nothing polls.
final class Pollers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Pollers.class);
    private static final long JOIN_LIMIT_MILLIS = 10_000;

    private final List<RequestSource> sources = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean draining;
    private final CountDownLatch failed = new CountDownLatch(1);

    void start(String name, RequestSource source, RequestSource.Taker taker) {
        sources.add(source);
        threads.add(Thread.ofPlatform().name("poll-" + name).start(() -> {
            try {
                source.run(taker);
            } catch (RuntimeException | Error e) {
                log.atError().setCause(e).addKeyValue("source", name).log("Requests can no longer be polled");
                failed.countDown();
            }
        }));
    }

    /// Counts down when a source fails, or another part without which the worker cannot go on.
    CountDownLatch failed() {
        return failed;
    }

    boolean hasFailed() {
        return failed.getCount() == 0;
    }

    boolean isDraining() {
        return draining;
    }

    /// Takes no more requests, and returns when those that run have ended, or have been cancelled after `limit`.
    void drain(Duration limit) {
        draining = true;
        sources.forEach(source -> source.drain(limit));
        join(limit.toMillis() + JOIN_LIMIT_MILLIS);
    }

    @Override
    public void close() {
        join(JOIN_LIMIT_MILLIS);
    }

    private void join(long limitMillis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
        try {
            for (Thread thread : threads) {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
