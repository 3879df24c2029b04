package dev.firn.retrieval;

import dev.firn.events.RetrievalResult;
import dev.firn.schemas.DeadLetter;
import dev.firn.schemas.FirnHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/// Announces results and puts aside what is no request, each as soon as the broker has it. Idempotent, not
/// transactional: results are at least once and equal. Thread-safe.
final class KafkaAnswers implements AnswerSink, AutoCloseable {
    private static final Duration SEND_LIMIT = Duration.ofSeconds(60);

    private final Producer<byte[], byte[]> producer;
    private final Encoder encoder;
    private final String resultsTopic;
    private final String deadLettersTopic;
    private final int maxEventBytes;

    /// From results to bytes.
    interface Encoder {
        /// @throws TransientFault when the schema registry cannot be asked
        byte[] encode(RetrievalResult result);
    }

    KafkaAnswers(
            Producer<byte[], byte[]> producer,
            Encoder encoder,
            String resultsTopic,
            String deadLettersTopic,
            int maxEventBytes) {
        this.producer = producer;
        this.encoder = encoder;
        this.resultsTopic = resultsTopic;
        this.deadLettersTopic = deadLettersTopic;
        this.maxEventBytes = maxEventBytes;
    }

    @Override
    public void announce(RetrievalResult result, Headers request) {
        String standing = result.getStandingId();
        String key = standing == null ? result.getRequestId() : standing;
        RecordHeaders headers = new RecordHeaders();
        FirnHeaders.set(headers, FirnHeaders.REQUEST_ID, result.getRequestId());
        FirnHeaders.copy(request, headers);
        send(new ProducerRecord<>(
                resultsTopic,
                null,
                key.getBytes(StandardCharsets.UTF_8),
                EventSize.within(result, maxEventBytes, encoder::encode),
                headers));
    }

    @Override
    public void deadLetter(TakenRequest request, String code, String reason) {
        RecordHeaders headers = new RecordHeaders(request.headers());
        new DeadLetter(
                        request.record().topic(),
                        request.record().partition(),
                        request.record().offset(),
                        code,
                        reason)
                .writeTo(headers);
        send(new ProducerRecord<>(
                deadLettersTopic, null, request.record().key(), request.record().value(), headers));
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        try {
            producer.send(record).get(SEND_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new TransientFault("[" + record.topic() + "] could not be written: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientFault("[" + record.topic() + "] interrupted while writing", e);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
