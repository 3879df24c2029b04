package dev.firn.retrieval;

import dev.firn.schemas.Decoded;

/// From bytes to events of one kind.
@FunctionalInterface
interface EventDecoder<T> {
    /// @throws TransientFault when the schema registry cannot be asked
    Decoded<T> decode(byte[] bytes);
}
