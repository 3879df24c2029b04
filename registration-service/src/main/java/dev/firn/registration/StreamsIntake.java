package dev.firn.registration;

import dev.firn.registration.input.Intake;
import dev.firn.service.Backoff;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Pauses the whole topology: it keeps its partitions and its state, but processes nothing. A processor cannot
/// pause its own partition, and failing the thread would restore its tasks again and again. Thread-safe.
final class StreamsIntake implements Intake, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamsIntake.class);
    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(5));

    private final CountDownLatch closing = new CountDownLatch(1);
    private @Nullable KafkaStreams streams;
    private boolean paused;

    /// The topology is made with this intake, so its streams come later.
    synchronized void bindTo(KafkaStreams bound) {
        streams = bound;
    }

    synchronized boolean isPaused() {
        return paused;
    }

    @Override
    public synchronized void pauseUntil(BooleanSupplier isGone) {
        if (paused || streams == null) {
            return;
        }
        paused = true;
        streams.pause();
        LOG.atWarn().log("too many records wait for the schema registry; nothing more is read until it answers");
        Thread.ofVirtual().name("intake").start(() -> resumeOnce(isGone));
    }

    private void resumeOnce(BooleanSupplier isGone) {
        Backoff.Pauses pauses = PAUSES.pauses();
        try {
            do {
                if (closing.await(pauses.next().toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            } while (!isGone.getAsBoolean());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("reading is resumed: the stream thread has to see this fault");
        }
        resume();
    }

    private synchronized void resume() {
        paused = false;
        if (streams != null) {
            streams.resume();
        }
        LOG.atInfo().log("reading is resumed");
    }

    @Override
    public void close() {
        closing.countDown();
    }
}
