package dev.firn.lake.storage;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedSupplier;
import dev.firn.lake.Secrets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/// Repeats the read of a range with growing pauses until the store sends all of it, or a time limit has passed.
/// A definite answer is not tried again: a missing file, a changed one, a refusal. Nor is a read of a job that was
/// cancelled ([ReadCancellation]). Thread-safe.
///
/// The client of the store retries too, but only until an answer begins: a connection that breaks in the middle
/// of a body is seen only here.
final class ReadRetries {
    /// The property with the time limit in milliseconds; 0 tries once.
    static final String LIMIT = "firn.read-retry-limit-ms";

    static final Duration DEFAULT_LIMIT = Duration.ofSeconds(30);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    /// Short, because a cancellation is seen between two tries.
    private static final Duration LAST_BACKOFF = Duration.ofMillis(600);
    private static final double JITTER = 0.5;
    private static final int NO_LIMIT = -1;

    private final S3Faults faults;
    private final RetryPolicy<Object> policy;

    private ReadRetries(S3Faults faults, Duration limit) {
        this.faults = faults;
        this.policy = RetryPolicy.builder()
                .handleIf(fault -> S3Faults.mayPass(fault) && !ReadCancellation.isCancelled())
                .withMaxRetries(limit.isZero() ? 0 : NO_LIMIT)
                .withMaxDuration(limit.isZero() ? DEFAULT_LIMIT : limit)
                .withBackoff(FIRST_BACKOFF, LAST_BACKOFF)
                .withJitter(JITTER)
                .build();
    }

    /// @param properties those of the store
    static ReadRetries of(Map<String, String> properties) {
        String limit = properties.get(LIMIT);
        return new ReadRetries(
                new S3Faults(Secrets.of(List.of(properties))),
                limit == null ? DEFAULT_LIMIT : Duration.ofMillis(Long.parseLong(limit)));
    }

    /// Throws a [dev.firn.lake.LakeException], a [FileChangedException], Iceberg's `NotFoundException`, or a
    /// [CancellationException] if the job was cancelled or the thread is interrupted.
    <T> T read(String location, CheckedSupplier<T> range) {
        try {
            return Failsafe.with(policy).get(range);
        } catch (FailsafeException e) {
            if (e.getCause() instanceof InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                CancellationException cancelled =
                        new CancellationException("[%s] reading was interrupted".formatted(location));
                cancelled.initCause(interrupted);
                throw cancelled;
            }
            throw fault(location, e.getCause() == null ? e : e.getCause());
        } catch (RuntimeException e) {
            throw fault(location, e);
        }
    }

    private RuntimeException fault(String location, Throwable cause) {
        if (S3Faults.mayPass(cause) && ReadCancellation.isCancelled()) {
            CancellationException cancelled =
                    new CancellationException("[%s] reading was cancelled".formatted(location));
            cancelled.initCause(cause);
            return cancelled;
        }
        return faults.readingFile(location, cause);
    }
}
