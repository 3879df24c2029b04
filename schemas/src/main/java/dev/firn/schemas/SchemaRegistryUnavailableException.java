package dev.firn.schemas;

import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/// The schema registry does not answer: no connection, no answer in time, 5xx, 401, 403, 429, or an answer that is not
/// a registry's. Says nothing about the bytes at hand; the same call may succeed later.
public final class SchemaRegistryUnavailableException extends RetriableException implements SerdeFailure {
    SchemaRegistryUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public Code code() {
        return Code.SCHEMA_REGISTRY_UNAVAILABLE;
    }
}
