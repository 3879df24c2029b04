package dev.firn.retrieval.answer;

import dev.firn.schemas.Decoded;

/// From bytes to events of one kind.
@FunctionalInterface
public interface EventDecoder<T> {
    /// @throws TransientFault when the schema registry cannot be asked
    Decoded<T> decode(byte[] bytes);
}
