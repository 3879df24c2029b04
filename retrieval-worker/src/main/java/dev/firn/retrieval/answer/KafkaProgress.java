package dev.firn.retrieval.answer;

import dev.firn.events.RetrievalProgress;
import dev.firn.retrieval.job.Progress;
import dev.firn.retrieval.job.Stage;
import dev.firn.schemas.FirnHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends the progress of retrievals: each new stage, and at most twice a second within a stage. Progress that cannot be
/// sent at once is dropped, so it never delays or fails a retrieval. Thread-safe.
public final class KafkaProgress implements Answering.ProgressSource, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KafkaProgress.class);
    private static final Duration MIN_INTERVAL = Duration.ofMillis(500);

    private final Producer<byte[], byte[]> producer;
    private final Function<RetrievalProgress, byte[]> encoder;
    private final String topic;
    private final Clock clock;

    /// @param producer must not block for long: set `max.block.ms` to a few milliseconds
    public KafkaProgress(
            Producer<byte[], byte[]> producer, Function<RetrievalProgress, byte[]> encoder, String topic, Clock clock) {
        this.producer = producer;
        this.encoder = encoder;
        this.topic = topic;
        this.clock = clock;
    }

    @Override
    public Progress of(String requestId, int attempt, String principal) {
        return new Throttled(requestId, attempt, principal);
    }

    private final class Throttled implements Progress {
        private final String requestId;
        private final int attempt;
        private final String principal;
        private final AtomicReference<@Nullable Stage> lastStage = new AtomicReference<>();
        private final AtomicLong lastNanos = new AtomicLong(System.nanoTime() - MIN_INTERVAL.toNanos());

        Throttled(String requestId, int attempt, String principal) {
            this.requestId = requestId;
            this.attempt = attempt;
            this.principal = principal;
        }

        @Override
        public void report(Stage stage, String view, long done, long total, String unit) {
            long now = System.nanoTime();
            long last = lastNanos.get();
            boolean newStage = lastStage.getAndSet(stage) != stage;
            if ((newStage || now - last >= MIN_INTERVAL.toNanos()) && lastNanos.compareAndSet(last, now)) {
                send(stage, view, done, total, unit);
            }
        }

        @SuppressWarnings("FutureReturnValueIgnored") // the callback logs a failure
        private void send(Stage stage, String view, long done, long total, String unit) {
            RetrievalProgress event = RetrievalProgress.newBuilder()
                    .setRequestId(requestId)
                    .setAttempt(attempt)
                    .setStage(stage.text())
                    .setDone(done)
                    .setTotal(total)
                    .setUnit(unit)
                    .setView(view)
                    .setAt(clock.instant())
                    .build();
            try {
                ProducerRecord<byte[], byte[]> record =
                        new ProducerRecord<>(topic, requestId.getBytes(StandardCharsets.UTF_8), encoder.apply(event));
                if (!principal.isEmpty()) {
                    FirnHeaders.set(record.headers(), FirnHeaders.PRINCIPAL, principal);
                }
                producer.send(record, (_, fault) -> {
                    if (fault != null) {
                        log.atDebug().setCause(fault).log("Progress was lost");
                    }
                });
            } catch (RuntimeException e) {
                log.atDebug().setCause(e).log("Progress was lost");
            }
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(1));
    }
}
