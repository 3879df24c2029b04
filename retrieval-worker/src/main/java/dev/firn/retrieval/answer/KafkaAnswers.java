package dev.firn.retrieval.answer;

import dev.firn.events.RetrievalResult;
import dev.firn.lake.Reason;
import dev.firn.retrieval.intake.TakenRequest;
import dev.firn.schemas.Code;
import dev.firn.schemas.DeadLetter;
import dev.firn.schemas.FirnHeaders;
import dev.firn.schemas.Limits;
import dev.firn.service.event.EventSize;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/// Sends results and dead letters to Kafka, one by one. Idempotent, not transactional: results are delivered at least
/// once, and copies are equal. Thread-safe.
public final class KafkaAnswers implements AnswerSink, AutoCloseable {
    /// Leaves room for the coordinates of a dead letter.
    private static final int MAX_KEPT_BYTES = Limits.DEAD_LETTER_MESSAGE_BYTES - 64 * 1024;

    private static final long CANCELLATION_CHECK_MILLIS = 200;

    private final Producer<byte[], byte[]> producer;
    private final Encoder encoder;
    private final String resultsTopic;
    private final String deadLettersTopic;
    private final int maxEventBytes;
    private final Duration sendLimit;

    /// Encodes results.
    interface Encoder {
        /// @throws TransientFault if the schema registry does not answer
        byte[] encode(RetrievalResult result);
    }

    /// @param sendLimit how long one record may take before it is a transient fault
    public KafkaAnswers(
            Producer<byte[], byte[]> producer,
            Encoder encoder,
            String resultsTopic,
            String deadLettersTopic,
            int maxEventBytes,
            Duration sendLimit) {
        this.producer = producer;
        this.encoder = encoder;
        this.resultsTopic = resultsTopic;
        this.deadLettersTopic = deadLettersTopic;
        this.maxEventBytes = maxEventBytes;
        this.sendLimit = sendLimit;
    }

    @Override
    public void announce(RetrievalResult result, TakenRequest request) {
        String standing = result.getStandingId();
        String key = standing == null ? result.getRequestId() : standing;
        RecordHeaders headers = new RecordHeaders();
        FirnHeaders.set(headers, FirnHeaders.REQUEST_ID, result.getRequestId());
        FirnHeaders.copy(request.headers(), headers);
        send(
                new ProducerRecord<>(
                        resultsTopic,
                        null,
                        key.getBytes(StandardCharsets.UTF_8),
                        EventSize.fitted(result, maxEventBytes, encoder::encode),
                        headers),
                request);
    }

    @Override
    public void deadLetter(TakenRequest request, Code code, String reason) {
        ConsumerRecord<byte[], byte[]> record = request.record();
        boolean whole = bytes(record) <= MAX_KEPT_BYTES;
        RecordHeaders headers = new RecordHeaders();
        if (whole) {
            record.headers().forEach(headers::add);
        } else {
            FirnHeaders.copy(record.headers(), headers);
        }
        new DeadLetter(
                        record.topic(),
                        record.partition(),
                        record.offset(),
                        code.name(),
                        whole ? reason : "The beginning of %d bytes. %s".formatted(bytes(record), reason))
                .writeTo(headers);
        send(
                new ProducerRecord<>(
                        deadLettersTopic,
                        null,
                        whole ? record.key() : beginning(record.key(), Limits.HEADER_VALUE_BYTES),
                        whole ? record.value() : beginning(record.value(), Limits.EVENT_BYTES),
                        headers),
                request);
    }

    /// The bytes of key, value and headers.
    private static long bytes(ConsumerRecord<byte[], byte[]> record) {
        long bytes = length(record.key()) + length(record.value());
        for (Header header : record.headers()) {
            bytes += header.key().length() + length(header.value());
        }
        return bytes;
    }

    private static long length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static byte @Nullable [] beginning(byte @Nullable [] bytes, int limit) {
        return bytes == null ? null : Arrays.copyOf(bytes, Math.min(limit, bytes.length));
    }

    private void send(ProducerRecord<byte[], byte[]> record, TakenRequest request) {
        try {
            await(producer.send(record), record.topic(), request);
        } catch (RecordTooLargeException e) {
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException tooLarge) {
                throw tooLarge;
            }
            throw unwritten(record.topic(), e);
        } catch (KafkaException e) {
            throw unwritten(record.topic(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientFault("[" + record.topic() + "] interrupted while writing", e);
        }
    }

    /// A cancelled request does not wait for a silent broker. Its record may still be written, which does no harm:
    /// answers are delivered at least once.
    private void await(Future<RecordMetadata> sent, String topic, TakenRequest request)
            throws InterruptedException, ExecutionException {
        long deadline = System.nanoTime() + sendLimit.toNanos();
        while (true) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            try {
                sent.get(Math.clamp(left, 1, CANCELLATION_CHECK_MILLIS), TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                request.cancellation().check();
                if (left <= CANCELLATION_CHECK_MILLIS) {
                    throw unwritten(topic, e);
                }
            }
        }
    }

    private static TransientFault unwritten(String topic, Exception fault) {
        return new TransientFault("[" + topic + "] could not be written: " + Reason.of(fault), fault);
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
