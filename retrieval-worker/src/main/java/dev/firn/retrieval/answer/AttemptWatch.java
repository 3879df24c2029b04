package dev.firn.retrieval.answer;

import dev.firn.retrieval.job.Cancellation;
import dev.firn.retrieval.outcome.ResultStore;
import dev.firn.retrieval.outcome.UnreadableOutcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stops an attempt that is no longer needed: another outcome stands, such as a cancellation that another worker
/// has decided, or the deadline is over. Looks at the store every interval, and not before the first one has
/// passed, so that short attempts cost no look. Thread-safe.
final class AttemptWatch {
    private static final Logger log = LoggerFactory.getLogger(AttemptWatch.class);

    private final ResultStore results;
    private final Duration interval;
    private final Clock clock;

    AttemptWatch(ResultStore results, Duration interval, Clock clock) {
        this.results = results;
        this.interval = interval;
        this.clock = clock;
    }

    /// Watches an attempt until it is closed.
    Watched begin(DecodedRequest request) {
        return new Watched(request);
    }

    /// Whether the request has a deadline that is over.
    boolean isLate(DecodedRequest request) {
        return isOver(request.request().getDeadline());
    }

    private boolean isOver(@Nullable Instant deadline) {
        return deadline != null && !clock.instant().isBefore(deadline);
    }

    /// An attempt that is watched by a virtual thread of its own: a look that takes long delays no other.
    final class Watched implements AutoCloseable {
        private final DecodedRequest request;
        private final Cancellation cancellation;
        private final CountDownLatch closed = new CountDownLatch(1);
        private volatile boolean stopped;

        private Watched(DecodedRequest request) {
            this.request = request;
            this.cancellation = request.taken().cancellation().part();
            Thread.ofVirtual().name("watch-" + request.id()).start(this::watch);
        }

        /// Ends the attempt, and is cancelled with its turn.
        Cancellation cancellation() {
            return cancellation;
        }

        /// Whether the attempt was ended because it is no longer needed.
        boolean isStopped() {
            return stopped;
        }

        private void watch() {
            try {
                while (!closed.await(pause().toNanos(), TimeUnit.NANOSECONDS)) {
                    if (isOver(request.request().getDeadline()) || outcomeStands()) {
                        log.atInfo()
                                .addKeyValue("requestId", request.id())
                                .log("An attempt stops because it is no longer needed");
                        stopped = true;
                        cancellation.cancel();
                        return;
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private Duration pause() {
            Instant deadline = request.request().getDeadline();
            if (deadline == null) {
                return interval;
            }
            Duration left = Duration.between(clock.instant(), deadline);
            return left.compareTo(interval) < 0 ? left : interval;
        }

        private boolean outcomeStands() {
            try {
                return results.find(request.id()).isPresent();
            } catch (UnreadableOutcome e) {
                return true;
            } catch (RuntimeException e) {
                log.atInfo()
                        .addKeyValue("requestId", request.id())
                        .addKeyValue("fault", e.getMessage())
                        .log("The store does not say whether an outcome stands; the attempt goes on");
                return false;
            }
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
