package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.events.RetrievalProgress;
import dev.firn.retrieval.job.Progress;
import dev.firn.retrieval.job.Stage;
import dev.firn.schemas.FirnHeaders;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/// Progress may be lost, but never fails or delays the retrieval that reports it.
final class KafkaProgressTest {
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final List<RuntimeException> faults = new ArrayList<>();

    @Test
    void dropsWhatCannotBeEncodedOrSent() {
        faults.add(new SerializationException("says the test"));
        faults.add(new TimeoutException("says the test"));
        try (KafkaProgress source = new KafkaProgress(producer, this::encoded, "progress", Clock.systemUTC())) {
            Progress progress = source.of("request-1", 1, "");
            progress.report(Stage.RESOLVE, "", 0, 0, "");
            source.of("request-2", 1, "").report(Stage.RESOLVE, "", 0, 0, "");
            assertThat(producer.history()).isEmpty();

            source.of("request-3", 1, "").report(Stage.RESOLVE, "", 0, 0, "");
            producer.sendException = new TimeoutException("says the test");
            source.of("request-4", 1, "").report(Stage.RESOLVE, "", 0, 0, "");
            assertThat(producer.history()).hasSize(1);
        }
    }

    /// Every gateway may show it to who asked, whichever gateway sent the request.
    @Test
    void namesWhoAsked() {
        try (KafkaProgress source = new KafkaProgress(producer, this::encoded, "progress", Clock.systemUTC())) {
            source.of("request-1", 1, "alice").report(Stage.RESOLVE, "", 0, 0, "");
            source.of("request-2", 1, "").report(Stage.RESOLVE, "", 0, 0, "");
        }

        assertThat(producer.history())
                .extracting(record -> FirnHeaders.text(record.headers(), FirnHeaders.PRINCIPAL))
                .containsExactly(Optional.of("alice"), Optional.empty());
    }

    private byte[] encoded(RetrievalProgress event) {
        if (!faults.isEmpty()) {
            throw faults.removeFirst();
        }
        return new byte[] {1};
    }
}
