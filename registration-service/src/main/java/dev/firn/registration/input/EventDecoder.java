package dev.firn.registration.input;

import dev.firn.schemas.Decoded;
import org.jspecify.annotations.Nullable;

/// Reads events of one type from the bytes of an input topic. Bounded in time.
@FunctionalInterface
public interface EventDecoder<E> {
    /// @throws org.apache.kafka.common.errors.RetriableException when the bytes cannot be told good from bad now
    Decoded<E> decode(byte @Nullable [] value);
}
