package dev.firn.retrieval.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.retrieval.intake.Lane;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.schemas.Code;
import dev.firn.schemas.DeadLetter;
import dev.firn.schemas.Limits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class KafkaAnswersTest {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final KafkaAnswers answers =
            new KafkaAnswers(producer, result -> new byte[0], "results", "dead-letters", Limits.EVENT_BYTES, LIMIT);

    @Test
    void aDeadLetterHasTheOriginalBytes() {
        byte[] value = new byte[Limits.EVENT_BYTES + 1];
        answers.deadLetter(record(value), Code.TOO_LARGE, "too large");

        assertThat(producer.history().getFirst().value()).isEqualTo(value);
    }

    /// A record from a compressed batch may be larger than any topic accepts uncompressed.
    @Test
    void truncatesADeadLetterThatIsTooLarge() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("large", new byte[1 << 20]);
        answers.deadLetter(record(new byte[3 << 20], headers), Code.TOO_LARGE, "too large");

        ProducerRecord<byte[], byte[]> sent = producer.history().getFirst();
        assertThat(sent.value()).hasSize(Limits.EVENT_BYTES);
        assertThat(sent.headers().headers("large")).isEmpty();
        assertThat(DeadLetter.readFrom(sent.headers()).orElseThrow()).satisfies(letter -> {
            assertThat(letter.offset()).isEqualTo(7);
            assertThat(letter.reason()).contains("The beginning of 4194").contains("too large");
        });
    }

    @Test
    void aSilentBrokerIsATransientFaultAfterTheTimeout() {
        MockProducer<byte[], byte[]> silent =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        try (KafkaAnswers impatient = new KafkaAnswers(
                silent, result -> new byte[0], "results", "dead-letters", Limits.EVENT_BYTES, Duration.ofMillis(1))) {
            assertThatThrownBy(() -> impatient.deadLetter(record(new byte[1]), Code.MALFORMED, "reason"))
                    .isInstanceOf(TransientFault.class)
                    .hasMessageContaining("[dead-letters]");
        }
    }

    /// Otherwise a revoked partition, and SIGTERM, would wait for the whole limit.
    @Test
    @Timeout(20)
    void aCancelledRequestDoesNotWaitForASilentBroker() {
        MockProducer<byte[], byte[]> silent =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        TakenRequest request = record(new byte[1]);
        request.cancellation().cancel();
        try (KafkaAnswers answers =
                new KafkaAnswers(silent, result -> new byte[0], "results", "dead-letters", Limits.EVENT_BYTES, LIMIT)) {
            assertThatThrownBy(() -> answers.deadLetter(request, Code.MALFORMED, "reason"))
                    .isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void distinguishesARecordThatIsTooLargeFromAnUnavailableBroker() {
        producer.sendException = new RecordTooLargeException("says the test");
        assertThatThrownBy(() -> answers.deadLetter(record(new byte[1]), Code.MALFORMED, "reason"))
                .isInstanceOf(RecordTooLargeException.class);

        producer.sendException = new TimeoutException("says the test");
        assertThatThrownBy(() -> answers.deadLetter(record(new byte[1]), Code.MALFORMED, "reason"))
                .isInstanceOf(TransientFault.class);
    }

    private static TakenRequest record(byte[] value) {
        return record(value, new RecordHeaders());
    }

    private static TakenRequest record(byte[] value, RecordHeaders headers) {
        byte[] key = "request-1".getBytes(StandardCharsets.UTF_8);
        return new TakenRequest(
                new ConsumerRecord<>(
                        "retrieval-requests",
                        0,
                        7,
                        0,
                        TimestampType.LOG_APPEND_TIME,
                        key.length,
                        value.length,
                        key,
                        value,
                        headers,
                        Optional.empty()),
                Lane.REQUESTS);
    }
}
