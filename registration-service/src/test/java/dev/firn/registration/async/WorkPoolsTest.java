package dev.firn.registration.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class WorkPoolsTest {
    @Test
    void aNeighbourThatHangsHoldsBackItsOwnWorkOnly() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(2);
        try (WorkPools pools = new WorkPools("test", Set.of("slow", "quick"), 1)) {
            Runnable hang = () -> {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            };
            pools.execute("slow", hang);
            pools.execute("slow", hang);
            assertThatThrownBy(() -> pools.execute("slow", hang)).isInstanceOf(RejectedExecutionException.class);

            pools.execute("quick", done::countDown);
            pools.execute("unknown to the settings", done::countDown);
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            release.countDown();
        }
    }
}
