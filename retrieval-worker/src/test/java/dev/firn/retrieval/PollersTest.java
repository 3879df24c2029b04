package dev.firn.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.retrieval.intake.Lane;
import dev.firn.retrieval.intake.RequestSource;
import dev.firn.retrieval.intake.TakenRequest;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class PollersTest {
    private static final RequestSource.Taker TAKER = new RequestSource.Taker() {
        @Override
        public boolean hasRoom(Lane lane) {
            return true;
        }

        @Override
        public void take(TakenRequest request, Runnable answered) {}

        @Override
        public void cancel(TakenRequest request) {}

        @Override
        public boolean cancelUnlessRunning(TakenRequest request) {
            return false;
        }
    };

    /// Also for an Error: a worker that polls no more must not look alive.
    @Test
    void noticesASourceThatFails() throws Exception {
        try (Pollers pollers = new Pollers()) {
            assertThat(pollers.hasFailed()).isFalse();
            pollers.start(
                    "broken",
                    source(() -> {
                        throw new NoClassDefFoundError("says the test");
                    }),
                    TAKER);

            assertThat(pollers.failed().await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(pollers.hasFailed()).isTrue();
        }
    }

    @Test
    void isClosedOnceNobodyPollsAnyMore() {
        CountDownLatch closed = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        Pollers pollers = new Pollers();
        pollers.start(
                "requests",
                source(() -> {
                    closed.await();
                    ended.set(true);
                }),
                TAKER);

        closed.countDown();
        pollers.close();

        assertThat(ended).isTrue();
        assertThat(pollers.hasFailed()).isFalse();
    }

    private interface Polling {
        void run() throws InterruptedException;
    }

    private static RequestSource source(Polling polling) {
        return new RequestSource() {
            @Override
            public void run(Taker taker) {
                try {
                    polling.run();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public boolean isHealthy() {
                return true;
            }

            @Override
            public void drain(Duration limit) {}

            @Override
            public void close() {}
        };
    }
}
