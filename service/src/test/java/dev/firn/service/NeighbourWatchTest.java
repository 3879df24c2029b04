package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.Settings;
import dev.firn.testkit.Waiting;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.ConnectException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The checks in the background.
@Timeout(60)
final class NeighbourWatchTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final NeighbourWatch watch = new NeighbourWatch(
            Settings.load(Map.of(), Map.of("firn.health.check-interval", "20ms", "firn.health.check-timeout", "100ms"))
                    .health(),
            metrics);
    private final Neighbour broker =
            new Neighbour("kafka", new Neighbour.Tolerance(3, Duration.ofHours(1)), Clock.systemUTC());
    private final AtomicInteger calls = new AtomicInteger();

    @AfterEach
    void close() {
        watch.close();
    }

    @Test
    void noticesThatANeighbourGoesAndComesBack() {
        AtomicBoolean isThere = new AtomicBoolean(true);
        watch.watch(broker, () -> {
            calls.incrementAndGet();
            if (!isThere.get()) {
                throw new IllegalStateException("with a secret", new ConnectException("refused"));
            }
        });
        Waiting.until(LIMIT, () -> calls.get() > 3, "checks");
        assertThat(broker.absence()).isEmpty();
        assertThat(up()).isEqualTo(1);

        isThere.set(false);
        Waiting.until(LIMIT, () -> broker.absence().isPresent(), "the absence to be noticed");
        assertThat(broker.absence().orElseThrow().reason()).isEqualTo("connection refused");
        assertThat(up()).isZero();

        isThere.set(true);
        Waiting.until(LIMIT, () -> broker.absence().isEmpty(), "the return to be noticed");
        assertThat(up()).isEqualTo(1);
    }

    @Test
    void interruptsACheckThatHangs() {
        CountDownLatch interrupted = new CountDownLatch(3);
        watch.watch(broker, () -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
        });

        Waiting.until(LIMIT, () -> interrupted.getCount() == 0, "three checks to be interrupted");
        Waiting.until(LIMIT, () -> broker.absence().isPresent(), "the absence to be noticed");
        assertThat(broker.absence().orElseThrow().reason()).isEqualTo("no answer in time");
    }

    /// A call that does not react to an interrupt must not be made again and again.
    @Test
    void makesNoSecondCheckWhileOneIsStuck() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        watch.watch(broker, () -> {
            calls.incrementAndGet();
            while (calls.get() == 1 && released.getCount() > 0) {
                Thread.onSpinWait();
            }
        });
        Waiting.until(LIMIT, () -> broker.absence().isPresent(), "the absence to be noticed");
        assertThat(calls).hasValue(1);

        released.countDown();
        Waiting.until(LIMIT, () -> broker.absence().isEmpty(), "the return to be noticed");
    }

    @Test
    void takesAnErrorForAnAbsence() {
        watch.watch(broker, () -> {
            throw new NoClassDefFoundError("with a secret");
        });

        Waiting.until(LIMIT, () -> broker.absence().isPresent(), "the absence to be noticed");
        assertThat(broker.absence().orElseThrow().reason()).isEqualTo("failed: NoClassDefFoundError");
    }

    @Test
    void interruptsTheCheckThatRunsWhenItIsClosed() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        NeighbourWatch patient =
                new NeighbourWatch(Settings.load(Map.of(), Map.of()).health(), metrics);
        patient.watch(broker, () -> {
            began.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
        });
        began.await();

        patient.close();

        assertThat(interrupted.await(2, TimeUnit.SECONDS)).isTrue();
    }

    private double up() {
        return metrics.get("firn.neighbour.up")
                .tag("neighbour", "kafka")
                .gauge()
                .value();
    }
}
