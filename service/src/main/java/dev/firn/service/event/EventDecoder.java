package dev.firn.service.event;

import dev.firn.schemas.AvroCodec;
import dev.firn.schemas.Decoded;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/// Reads events of one type from the values of a topic. Bounded in time.
@FunctionalInterface
public interface EventDecoder<E> {
    /// @param value null for a tombstone
    /// @throws org.apache.kafka.common.errors.RetriableException if the schema registry is away: without it,
    ///     good and bad bytes cannot be told apart
    Decoded<E> decode(byte @Nullable [] value);

    /// Decodes with the codec.
    static <E extends SpecificRecord> EventDecoder<E> of(AvroCodec codec, Class<E> event) {
        return value -> codec.decode(event, value);
    }
}
