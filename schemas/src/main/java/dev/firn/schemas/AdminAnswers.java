package dev.firn.schemas;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;

/// Waits for answers of Kafka's admin client, each at most `timeout`.
record AdminAnswers(Duration timeout) {
    /// @throws KafkaException as the cluster answered, or if it did not
    <T> T await(KafkaFuture<T> answer) {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
        } catch (TimeoutException e) {
            throw new org.apache.kafka.common.errors.TimeoutException(
                    "no answer from the cluster within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            throw new InterruptException("interrupted while waiting for the cluster", e);
        }
    }
}
