package dev.firn.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.lake.LakeCode;
import dev.firn.lake.LakeOutage;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How a service waits for a neighbour at its start.
@Timeout(30)
final class NeighbourTest {
    private final Neighbour store = new Neighbour("object-store", Clock.systemUTC());
    private final Lifecycle lifecycle = new Lifecycle();
    private final AtomicInteger calls = new AtomicInteger();

    @Test
    void isCalledUntilItAnswers() {
        String answer = store.await(lifecycle, LakeOutage.class, "a test", () -> {
            if (calls.incrementAndGet() < 3) {
                throw away();
            }
            assertThat(store.absence()).isPresent();
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
        return new LakeOutage(LakeCode.STORAGE_UNAVAILABLE, "says the test", null);
    }
}
