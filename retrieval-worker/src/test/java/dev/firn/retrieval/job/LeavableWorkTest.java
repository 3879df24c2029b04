package dev.firn.retrieval.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class LeavableWorkTest {
    private final Cancellation cancellation = new Cancellation();

    /// As when a store stalls in the body of a file: no check is reached.
    @Test
    void aRetrievalThatIsStuckInAStepIsLeftWithinASecondOfItsCancellation(@TempDir Path folder) throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        try (LakeFixture lake = new LakeFixture(folder)) {
            lake.facts("facts", "1 | 2024-01-01 | 10");
            Progress stalls = (stage, view, done, total, unit) -> {
                if (stage == Stage.SPINE) {
                    stuck.countDown();
                    awaitUninterrupted(released);
                }
            };
            Thread canceller = Thread.ofPlatform().start(() -> {
                awaitUninterrupted(stuck);
                cancellation.cancel();
            });
            assertThatThrownBy(() ->
                            lake.retrieve(Given.request(Given.ids("id", "1"), "facts:value"), cancellation, stalls))
                    .isInstanceOf(CancellationException.class);
            canceller.join();
        } finally {
            released.countDown();
        }
    }

    @Test
    void whatTheWorkReturnsOrThrowsIsPassedOn() {
        assertThat(LeavableWork.run(cancellation, () -> "done")).isEqualTo("done");
        for (Throwable fault : new Throwable[] {new IllegalStateException("ours"), new OutOfMemoryError("heap")}) {
            assertThatThrownBy(() -> LeavableWork.run(cancellation, () -> {
                        if (fault instanceof Error error) {
                            throw error;
                        }
                        throw (RuntimeException) fault;
                    }))
                    .isSameAs(fault);
        }
    }

    @Test
    void isLeftAtOnceIfItsThreadIsInterrupted() {
        CountDownLatch released = new CountDownLatch(1);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> LeavableWork.run(cancellation, () -> {
                    awaitUninterrupted(released);
                    return true;
                }))
                .isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
        released.countDown();
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            if (!latch.await(50, TimeUnit.SECONDS)) {
                throw new AssertionError("not released");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
