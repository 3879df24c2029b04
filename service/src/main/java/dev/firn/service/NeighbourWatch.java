package dev.firn.service;

import dev.firn.config.FirnConfig;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Checks neighbours in the background, so that a service knows that one is away even while it has no work for it.
///
/// Each neighbour has a virtual thread, which makes one small call per interval, and more of them until the first
/// answer: a neighbour that starts together with the service is soon there. A check that exceeds its time is
/// interrupted and counts as failed. If it does not react, no further check of that neighbour begins until it ends, so
/// a neighbour that hangs holds one thread and one connection at most.
public final class NeighbourWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NeighbourWatch.class);

    private static final Duration LONGEST_INTERVAL_BEFORE_FIRST_ANSWER = Duration.ofSeconds(1);

    private final Duration interval;
    private final Duration timeout;
    private final MeterRegistry metrics;
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);

    /// One small call to a neighbour.
    @FunctionalInterface
    public interface Check {
        /// Returns if the neighbour answered, and throws if it did not. May be interrupted.
        void call() throws Exception;
    }

    public NeighbourWatch(FirnConfig.Health settings, MeterRegistry metrics) {
        this.interval = settings.checkInterval();
        this.timeout = settings.checkTimeout();
        this.metrics = metrics;
    }

    /// Checks the neighbour now and at every interval, until this is closed.
    public void watch(Neighbour neighbour, Check check) {
        Gauge.builder("firn.neighbour.up", neighbour, n -> n.absence().isEmpty() ? 1 : 0)
                .tag("neighbour", neighbour.name())
                .description("0 while the neighbour is away, otherwise 1")
                .register(metrics);
        threads.add(
                Thread.ofVirtual().name("watch-" + neighbour.name()).start(() -> new Watched(neighbour, check).run()));
    }

    @Override
    public void close() {
        closed.countDown();
        threads.forEach(Thread::interrupt);
    }

    private final class Watched {
        private final Neighbour neighbour;
        private final Check check;
        private @Nullable Thread running;
        private String lastFault = "";
        private boolean wasAway;

        Watched(Neighbour neighbour, Check check) {
            this.neighbour = neighbour;
            this.check = check;
        }

        void run() {
            try {
                do {
                    if (running == null || !running.isAlive()) {
                        checkOnce();
                    } else {
                        neighbour.missed(AbsenceReason.of(new TimeoutException()));
                    }
                    logChange();
                } while (!closed.await(pause().toNanos(), TimeUnit.NANOSECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                if (running != null) {
                    running.interrupt();
                }
            }
        }

        private Duration pause() {
            boolean isShorter =
                    !neighbour.hasAnswered() && interval.compareTo(LONGEST_INTERVAL_BEFORE_FIRST_ANSWER) > 0;
            return isShorter ? LONGEST_INTERVAL_BEFORE_FIRST_ANSWER : interval;
        }

        private void checkOnce() throws InterruptedException {
            CompletableFuture<Boolean> answer = new CompletableFuture<>();
            Thread thread = Thread.ofVirtual().name("check-" + neighbour.name()).start(() -> {
                try {
                    check.call();
                    answer.complete(true);
                } catch (Throwable e) {
                    // an Error too: the check of a neighbour must go on, and say that it fails
                    answer.completeExceptionally(e);
                }
            });
            running = thread;
            try {
                answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
                neighbour.reached();
            } catch (TimeoutException e) {
                thread.interrupt();
                missed(e);
            } catch (ExecutionException e) {
                missed(e.getCause());
            }
        }

        private void missed(@Nullable Throwable fault) {
            Throwable known = fault == null ? new TimeoutException() : fault;
            neighbour.missed(AbsenceReason.of(known));
            log.atDebug()
                    .addKeyValue("neighbour", neighbour.name())
                    .setCause(known)
                    .log("A check failed");
            lastFault = known.toString();
        }

        private void logChange() {
            boolean isAway = neighbour.absence().isPresent();
            if (isAway && !wasAway) {
                log.atWarn()
                        .addKeyValue("neighbour", neighbour.name())
                        .addKeyValue(
                                "since",
                                neighbour
                                        .absence()
                                        .map(Neighbour.Absence::since)
                                        .orElse(null))
                        .addKeyValue("fault", lastFault)
                        .log("A neighbour is away");
            } else if (!isAway && wasAway) {
                log.atInfo().addKeyValue("neighbour", neighbour.name()).log("A neighbour is back");
            }
            wasAway = isAway;
        }
    }
}
