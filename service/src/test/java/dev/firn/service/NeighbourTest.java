package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import java.net.ConnectException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// When a neighbour is away, and how a service waits for it at its start.
@Timeout(30)
final class NeighbourTest {
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

    private Instant now = START;
    private final Neighbour store =
            new Neighbour("object-store", new Neighbour.Tolerance(3, Duration.ofSeconds(30)), new TestClock());
    private final Lifecycle lifecycle = new Lifecycle();
    private final AtomicInteger calls = new AtomicInteger();

    @Test
    void isAwayAfterFailuresInARow() {
        store.reached();
        store.missed("one");
        store.missed("two");
        assertThat(store.absence()).isEmpty();

        now = START.plusSeconds(7);
        store.missed("three");

        assertThat(store.absence()).contains(new Neighbour.Absence(START, "three"));
    }

    @Test
    void isBackAfterOneAnswerAndThenCountsAnew() {
        store.missed("one");
        store.missed("two");
        store.missed("three");
        store.reached();
        assertThat(store.absence()).isEmpty();

        store.missed("one");
        store.missed("two");
        store.reached();
        store.missed("one");
        store.missed("two");
        assertThat(store.absence()).isEmpty();
    }

    /// As a Trino that starts together with the service: the service would be ready, and then not.
    @Test
    void isAwayAtTheFirstFailureIfItHasNeverAnswered() {
        assertThat(store.absence()).isEmpty();

        store.missed("no answer");
        assertThat(store.absence()).contains(new Neighbour.Absence(START, "no answer"));

        store.reached();
        store.missed("no answer");
        assertThat(store.absence()).isEmpty();
    }

    /// A check that hangs fails once in a long time.
    @Test
    void isAwayOnceItHasFailedForLong() {
        store.reached();
        store.missed("no answer");
        now = START.plusSeconds(29);
        assertThat(store.absence()).isEmpty();

        now = START.plusSeconds(30);
        assertThat(store.absence()).contains(new Neighbour.Absence(START, "no answer"));
    }

    @Test
    void isCalledUntilItAnswers() {
        String answer = store.await(lifecycle, LakeOutage.class, "a test", () -> {
            if (calls.incrementAndGet() < 3) {
                throw away();
            }
            assertThat(store.absence()).map(Neighbour.Absence::reason).contains("connection refused");
            return "here";
        });

        assertThat(answer).isEqualTo("here");
        assertThat(calls).hasValue(3);
        assertThat(store.absence()).isEmpty();
    }

    @Test
    void isNotCalledAgainAfterAnotherFault() {
        assertThatThrownBy(() -> store.await(lifecycle, LakeOutage.class, "a test", () -> {
                    calls.incrementAndGet();
                    throw new IllegalStateException("ours");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(calls).hasValue(1);
        assertThat(store.absence()).isEmpty();
    }

    @Test
    void isNotWaitedForOnceTheServiceIsStopped() {
        assertThatThrownBy(() -> store.await(lifecycle, LakeOutage.class, "a test", () -> {
                    lifecycle.close();
                    throw away();
                }))
                .isInstanceOf(ServiceStoppedException.class);
    }

    private static LakeOutage away() {
        return new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "with a secret", new ConnectException("refused"));
    }

    private final class TestClock extends Clock {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
