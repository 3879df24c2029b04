package dev.firn.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Asks small retrievals beside a load, one after the other, each of which must succeed, and looks at the
/// health of the worker and of the registration service, which must be ready all the time.
final class Bystander implements AutoCloseable {
    private final CompletableFuture<Void> asking;
    private volatile boolean closed;
    private int asked;
    private long worstMillis;

    Bystander(ChaosRun run, ServiceUnderTest worker) {
        SmallRetrievals small = new SmallRetrievals(run);
        List<ServiceUnderTest> services = List.of(worker, run.registration());
        asking = CompletableFuture.runAsync(() -> {
            while (!closed) {
                var request = small.next();
                worstMillis = Math.max(worstMillis, small.millis(request));
                assertThat(run.conversation
                                .retrieval(request.getRequestId())
                                .orElseThrow()
                                .getStatus())
                        .isEqualTo(RetrievalStatus.SUCCEEDED);
                assertThat(services).allMatch(ServiceUnderTest::isReady);
                asked++;
            }
        });
    }

    /// What it saw, once it is closed.
    String text() {
        return "%,d small retrievals beside it, the slowest in %,d ms".formatted(asked, worstMillis);
    }

    @Override
    public void close() {
        closed = true;
        asking.join();
    }
}
